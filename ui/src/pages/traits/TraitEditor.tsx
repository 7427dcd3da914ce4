import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import type { ComputedPreview, NewTrait, SQLTraits, Trait, TraitDefinition } from '../../api/types'
import { conversationFields, eventFields, useKnownValues } from '../../components/Condition'
import { Failure } from '../../components/States'
import { conversions, sourceNames } from '../../state/workspace'
import { saysEnough } from '../audiences/rule'
import { Window } from '../audiences/RuleEditor'
import { About } from '../computed/About'
import { useDraft, usePreview } from '../computed/drafts'
import { PreviewBox } from '../computed/PreviewBox'
import { Where } from '../computed/Where'
import { aggregates, traitWords } from '../computed/words'

/** A trait that is new until it is saved. */
export const newTrait: NewTrait = { key: '', name: '', doc: '', enabled: true, emit: 'identify', definition: { of: 'events', where: ['kind:eq:message'], aggregate: 'count' } }

const newSQL: SQLTraits = { statement: 'SELECT user_id, count(*) AS messages\nFROM events\nWHERE kind = \'message\' AND user_id IS NOT NULL\nGROUP BY user_id', every: 'day' }

/** The definition without what is not filled in yet; null if it does not say enough. */
export function completedTrait(t: NewTrait): Pick<NewTrait, 'definition' | 'sql'> | null {
  if (t.sql) return t.sql.statement.trim() === '' ? null : { sql: t.sql }
  if (!t.definition) return null
  const { where = [], field, window, conversion, min_count: least, ...rest } = t.definition
  const said = where.filter(saysEnough)
  if ((rest.of === 'events' && said.length === 0) || (rest.aggregate !== 'count' && !field)) return null
  return {
    definition: {
      ...rest, where: said,
      ...(rest.aggregate !== 'count' && field ? { field } : {}), ...(window ? { window } : {}), ...(conversion ? { conversion } : {}),
      ...(rest.aggregate === 'most_frequent' && least ? { min_count: least } : {}),
    },
  }
}

/** Writes a trait, with what it would come to. */
export function TraitEditor({ start, exists, done, cancel }: { start: NewTrait; exists: boolean; done: (t: Trait) => void; cancel: () => void }) {
  const { draft, set, last } = useDraft<NewTrait>(start)
  const body = completedTrait(draft)
  const preview = usePreview<ComputedPreview>(apiUrl('traits/preview'), body && { key: draft.key || 'preview', ...body })
  const save = useAction()
  const submit = (event: Event) => {
    event.preventDefault()
    const { key, definition: _, sql: __, ...rest } = last()
    const made = completedTrait(last())
    void save.run(async () => done(await (exists
      ? ask<Trait>(apiUrl(`traits/${encodeURIComponent(key)}`), { method: 'PATCH', body: { ...rest, ...made } })
      : ask<Trait>(apiUrl('traits'), { method: 'POST', body: { key, ...rest, ...made } }))))
  }
  const { definition: was, sql: wasSQL, ...others } = draft
  return (
    <form class="computed-editor" onSubmit={submit}>
      <div class="stack">
        <About draft={draft} change={set} fixed={exists} what="the trait" />
        {!exists && (
          <div class="segments" role="group" aria-label="How it is defined">
            <button type="button" aria-pressed={!draft.sql} onClick={() => set({ ...others, definition: was ?? newTrait.definition! })}>By what they did</button>
            <button type="button" aria-pressed={Boolean(draft.sql)} onClick={() => set({ ...others, sql: wasSQL ?? newSQL })}>By SQL</button>
          </div>
        )}
        {draft.sql ? <Statement sql={draft.sql} change={(sql) => set({ ...draft, sql })} />
          : draft.definition && <Parts definition={draft.definition} change={(definition) => set({ ...draft, definition })} />}
        {body && <p class="small quiet">{traitWords(body, sourceNames.value)}</p>}
        {save.error && <Failure error={save.error} />}
        <div class="row">
          <button class="button primary" disabled={save.busy || !body}>Save the trait</button>
          <button type="button" class="button" onClick={cancel}>Cancel</button>
        </div>
      </div>
      <PreviewBox preview={preview} would="would have a value" values />
    </form>
  )
}

function Parts({ definition: d, change }: { definition: TraitDefinition; change: (d: TraitDefinition) => void }) {
  const known = useKnownValues()
  const put = (next: Partial<TraitDefinition>) => change({ ...d, ...next })
  return (
    <div class="stack">
      <div class="row">
        <select class="control" aria-label="Made how" value={d.aggregate} onChange={(e) => put({ aggregate: e.currentTarget.value as TraitDefinition['aggregate'] })}>
          {aggregates.map(([name, words]) => <option key={name} value={name}>{words}</option>)}
        </select>
        {d.aggregate !== 'count' && (
          <>
            <input class="control" aria-label="Of which field" list="trait-fields" placeholder="field, properties.NAME" value={d.field ?? ''} onInput={(e) => put({ field: e.currentTarget.value.trim() })} />
            <datalist id="trait-fields">{(d.of === 'events' ? eventFields : conversationFields).map((f) => <option key={f} value={f} />)}</datalist>
            <span class="quiet small">of</span>
          </>
        )}
        <select class="control" aria-label="Of what" value={d.of} onChange={(e) => put({ of: e.currentTarget.value as TraitDefinition['of'], where: [] })}>
          <option value="events">events</option><option value="conversations">conversations</option>
        </select>
        <Window label="Since when" value={d.window} change={(window) => put({ window })} />
        {d.aggregate === 'most_frequent' && <label class="row small">seen at least <input class="control times num" type="number" min={1} value={d.min_count || 2} onChange={(e) => put({ min_count: Math.max(1, Math.round(e.currentTarget.valueAsNumber) || 1) })} /> times</label>}
        {d.of === 'conversations' && conversions.value.length > 0 && (
          <label class="row small">converting by
            <select class="control" value={d.conversion ?? ''} onChange={(e) => put({ conversion: e.currentTarget.value })}>
              <option value="">any conversion</option>{conversions.value.map((c) => <option key={c.name} value={c.name}>{c.name}</option>)}
            </select>
          </label>
        )}
      </div>
      <Where label="the trait" of={d.of} where={d.where ?? []} known={known} change={(where) => put({ where })} />
    </div>
  )
}

function Statement({ sql, change }: { sql: SQLTraits; change: (sql: SQLTraits) => void }) {
  return (
    <div class="stack">
      <label class="field"><span>A SELECT as on the page Ask: a column user_id or anonymous_id, and each other column is a trait</span>
        <textarea class="control mono" rows={8} spellcheck={false} value={sql.statement} onInput={(e) => change({ ...sql, statement: e.currentTarget.value })} />
      </label>
      <label class="row small">run every <select class="control" value={sql.every} onChange={(e) => change({ ...sql, every: e.currentTarget.value as SQLTraits['every'] })}><option value="hour">hour</option><option value="day">day</option></select></label>
    </div>
  )
}
