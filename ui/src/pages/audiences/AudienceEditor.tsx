import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Audience, ComputedPreview, NewAudience, TraitList } from '../../api/types'
import { useKnownValues } from '../../components/Condition'
import { Failure } from '../../components/States'
import { About } from '../computed/About'
import { useDraft, usePreview } from '../computed/drafts'
import { PreviewBox } from '../computed/PreviewBox'
import { ruleWords } from '../computed/words'
import { sourceNames } from '../../state/workspace'
import { completed, grouped } from './rule'
import { RuleEditor } from './RuleEditor'

/** An audience that is new until it is saved. */
export const newAudience: NewAudience = { key: '', name: '', doc: '', enabled: true, emit: 'track', rule: { all: [{ did: { of: 'conversations', where: [], at_least: 1, window: '30d' } }] } }

/** Writes the rule of an audience, with who would be in it. */
export function AudienceEditor({ start, exists, done, cancel }: { start: NewAudience; exists: boolean; done: (a: Audience) => void; cancel: () => void }) {
  const { draft, set, last } = useDraft<NewAudience>({ ...start, rule: grouped(start.rule) })
  const known = useKnownValues()
  const traits = useGet<TraitList>(apiUrl('traits')).data?.traits ?? []
  const rule = completed(draft.rule)
  const preview = usePreview<ComputedPreview>(apiUrl('audiences/preview'), rule && { key: draft.key || 'preview', rule })
  const save = useAction()
  const submit = (event: Event) => {
    event.preventDefault()
    const { key, ...rest } = { ...last(), rule: completed(last().rule) ?? last().rule }
    void save.run(async () => done(await (exists
      ? ask<Audience>(apiUrl(`audiences/${encodeURIComponent(key)}`), { method: 'PATCH', body: rest })
      : ask<Audience>(apiUrl('audiences'), { method: 'POST', body: { key, ...rest } }))))
  }
  return (
    <form class="computed-editor" onSubmit={submit}>
      <div class="stack">
        <About draft={draft} change={set} fixed={exists} what="the audience" />
        <h2>People for whom holds</h2>
        <RuleEditor rule={draft.rule} label="" keys={traits.flatMap((t) => t.sql?.columns ?? [t.key])} known={known} change={(r) => set({ ...draft, rule: r })} />
        {rule && <p class="small quiet">{ruleWords(rule, sourceNames.value)}</p>}
        {save.error && <Failure error={save.error} />}
        <div class="row">
          <button class="button primary" disabled={save.busy || !rule}>Save the audience</button>
          <button type="button" class="button" onClick={cancel}>Cancel</button>
        </div>
      </div>
      <PreviewBox preview={preview} would="would be in it" values={false} />
    </form>
  )
}
