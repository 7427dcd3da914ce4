import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import { useGet } from '../../api/resource'
import type { IdentityRules, IdentityRulesStatus } from '../../api/types'
import { Icon } from '../../components/Icon'
import { Failure, Waiting } from '../../components/States'
import { plural } from '../../format/number'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit } from '../../state/workspace'
import { PeopleTabs } from '../people/PeopleTabs'
import { Progress } from './Progress'
import { body, lines, moved } from './rules'
import { typeLabel } from './words'

const windows = [['ever', 'ever'], ['day', 'on a day'], ['week', 'in a week'], ['month', 'in 30 days'], ['year', 'in a year']] as const

/** By which rules ids are made one person: looked at by everybody, changed by editors. */
export function RulesPage() {
  const { data, error, reload } = useGet<IdentityRulesStatus>(apiUrl('identity/rules'))
  const [said, setSaid] = useState('')
  const saved = (rules: IdentityRulesStatus) => {
    setSaid(rules.waiting > 0 ? `Saved. ${plural(rules.waiting, 'id is', 'ids are')} resolved anew by these rules, for the past too.` : 'Saved. All ids were resolved anew by these rules.')
    reload()
  }
  return (
    <>
      <PeopleTabs title="Rules of ids" />
      <p class="small quiet consequence">Calls say which ids belong together; these rules say how far they are believed. After a change everybody is resolved anew, and all figures follow. What people merged or detached by hand stays.</p>
      <p class="small told" role="status">{said}</p>
      {data && (data.waiting > 0 || data.rows < data.total) && <Progress rules={data} reload={reload} />}
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : <Editor start={body(data)} saved={saved} />}
    </>
  )
}

function Editor({ start, saved }: { start: IdentityRules; saved: (rules: IdentityRulesStatus) => void }) {
  const [rules, setRules] = useState(start)
  const save = useAction()
  const set = (change: Partial<IdentityRules>) => setRules({ ...rules, ...change })
  const submit = (e: Event) => {
    e.preventDefault()
    void save.run(async () => saved(await ask<IdentityRulesStatus>(apiUrl('identity/rules'), { method: 'PUT', body: rules })))
  }
  return (
    <form class="settings-form rules-form" onSubmit={submit}>
      <fieldset class="bare" disabled={!mayEdit.value}>
        <Types rules={rules} set={set} />
        <section>
          <h2>Values that name nobody</h2>
          <Patterns label="Blocked, one pattern a line" value={rules.blocked ?? []} change={(blocked) => set({ blocked })} />
          <p class="small quiet">What programs send where an id is missing: <code>null</code>, <code>undefined</code>. Rows with such an id count by their other id. A pattern (RE2) is the whole value, in small letters or capitals.</p>
        </section>
        <section>
          <h2>Ids that are constants in a program</h2>
          <p class="small quiet">An id that comes with too many others that are new on one day is <a href={hrefTo('/flagged', view.value)}>flagged</a>, and links nothing.</p>
          <div class="row">
            <Amount label="At most others a day" value={rules.new_per_day ?? 0} change={(n) => set({ new_per_day: n })} />
            <Amount label="Of values that look suspicious" value={rules.suspicious_per_day ?? 0} change={(n) => set({ suspicious_per_day: n })} />
          </div>
          <Patterns label="Suspicious, one pattern a line" value={rules.suspicious ?? []} change={(suspicious) => set({ suspicious })} />
          <Trusted rules={rules} set={set} />
        </section>
        <section>
          <h2>Bounds of a person</h2>
          <p class="small quiet">Beyond them calls still count, and nothing more is linked.</p>
          <div class="row">
            <Amount label="Ids" value={rules.max_identifiers ?? 0} most={1000} change={(n) => set({ max_identifiers: n })} />
            <Amount label="Merges" value={rules.max_merges ?? 0} most={1000} change={(n) => set({ max_merges: n })} />
          </div>
        </section>
        {save.error && <Failure error={save.error} />}
        {mayEdit.value && (
          <div class="row">
            <button class="button primary" disabled={save.busy}>Save the rules</button>
            <button type="button" class="button" onClick={() => setRules(start)}>Put back what is saved</button>
          </div>
        )}
      </fieldset>
    </form>
  )
}

type Set = (change: Partial<IdentityRules>) => void

/** The types of ids in their order, each with its limit. */
function Types({ rules, set }: { rules: IdentityRules; set: Set }) {
  const types = rules.types
  const change = (at: number, part: Partial<(typeof types)[number]>) => set({ types: types.map((t, i) => (i === at ? { ...t, ...part } : t)) })
  return (
    <section>
      <h2>Kinds of ids</h2>
      <p class="small quiet">The first is believed most: where a call would give a person too many of a kind, it links nothing. Other kinds are found in <code>context.externalIds</code> and, once they are listed here, among traits.</p>
      <ol class="id-types">
        {types.map((t, i) => (
          <li key={i} class="row">
            <span class="quiet num">{i + 1}.</span>
            {i === 0 ? <span class="type">{typeLabel(t.type)}</span> : <input class="control type" aria-label={`Kind ${i + 1}`} required value={t.type} onInput={(e) => change(i, { type: e.currentTarget.value.trim() })} />}
            {mayEdit.value && (
              <span class="moves">
                {i > 0 && (
                  <>
                    <button type="button" class="button plain square" aria-label={`Move ${t.type} up`} disabled={i === 1} onClick={() => set({ types: moved(types, i, i - 1) })}>↑</button>
                    <button type="button" class="button plain square" aria-label={`Move ${t.type} down`} disabled={i === types.length - 1} onClick={() => set({ types: moved(types, i, i + 1) })}>↓</button>
                    <button type="button" class="button plain square" aria-label={`Remove ${t.type}`} onClick={() => set({ types: types.filter((_, k) => k !== i) })}><Icon name="close" /></button>
                  </>
                )}
              </span>
            )}
            <label class="small">at most <input class="control times" type="number" min={1} required aria-label={`Most of ${t.type}`} value={String(t.limit)} onInput={(e) => change(i, { limit: Number(e.currentTarget.value) })} /></label>
            <select class="control" aria-label={`Over what time, ${t.type}`} value={t.window} onChange={(e) => change(i, { window: e.currentTarget.value as typeof t.window })}>
              {windows.map(([name, words]) => <option key={name} value={name}>{words}</option>)}
            </select>
          </li>
        ))}
      </ol>
      <div class="row">
        {mayEdit.value && <button type="button" class="button" onClick={() => set({ types: [...types, { type: '', limit: 5, window: 'ever' }] })}>Add a kind</button>}
        <label class="small">Of each kind that is not listed at most <input class="control times" type="number" min={1} required value={String(rules.other_limit ?? 0)} onInput={(e) => set({ other_limit: Number(e.currentTarget.value) })} /></label>
      </div>
    </section>
  )
}

function Patterns({ label, value, change }: { label: string; value: readonly string[]; change: (patterns: string[]) => void }) {
  const [text, setText] = useState(value.join('\n'))
  if (lines(text).join('\n') !== value.join('\n')) setText(value.join('\n'))
  return (
    <label class="field"><span>{label}</span>
      <textarea class="control mono" rows={Math.min(12, Math.max(3, value.length + 1))} spellcheck={false} value={text} onInput={(e) => { setText(e.currentTarget.value); change(lines(e.currentTarget.value)) }} />
    </label>
  )
}

function Amount({ label, value, most, change }: { label: string; value: number; most?: number; change: (n: number) => void }) {
  return <label class="field short"><span>{label}</span><input class="control" type="number" min={1} max={most} required value={String(value)} onInput={(e) => change(Number(e.currentTarget.value))} /></label>
}

function Trusted({ rules, set }: { rules: IdentityRules; set: Set }) {
  const trusted = rules.trusted ?? []
  if (trusted.length === 0) return null
  return (
    <div class="field">
      <span>Trusted all the same</span>
      <ul class="plain-list small">
        {trusted.map((t) => (
          <li key={`${t.type} ${t.value}`}>
            <span class="quiet">{typeLabel(t.type)}</span> <code>{t.value}</code>
            {mayEdit.value && <> · <button type="button" class="linkish" aria-label={`Trust ${t.value} no more`} onClick={() => set({ trusted: trusted.filter((o) => o !== t) })}>Trust it no more</button></>}
          </li>
        ))}
      </ul>
    </div>
  )
}
