import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { CodeFunction, DestinationCondition, DestinationKind, MetricAnswer } from '../../api/types'
import { Icon } from '../../components/Icon'
import { count } from '../../format/number'
import { sources } from '../../state/workspace'
import { computedSource, type Draft, linesOf, operators, takesValue } from './form'

interface Props {
  kind: DestinationKind
  draft: Draft
  change: (change: Partial<Draft>) => void
  locked: boolean
}

const toggled = (list: readonly string[], item: string) => (list.includes(item) ? list.filter((i) => i !== item) : [...list, item])

/** Which calls go to a destination. A part that says nothing lets all through. */
export function FilterFields({ kind, draft, change, locked }: Props) {
  return (
    <>
      <fieldset class="field" disabled={locked}>
        <legend>Call types <span class="quiet">none chosen: all of these</span></legend>
        <div class="row">{kind.types.map((t) => <label class="check small" key={t}><input type="checkbox" checked={draft.types.includes(t)} onChange={() => change({ types: toggled(draft.types, t) })} />{t}</label>)}</div>
      </fieldset>
      <fieldset class="field" disabled={locked}>
        <legend>Sources <span class="quiet">none chosen: all</span></legend>
        <div class="row">{[...sources.value, computedSource].map((s) => <label class="check small" key={s.id}><input type="checkbox" checked={draft.sources.includes(s.id)} onChange={() => change({ sources: toggled(draft.sources, s.id) })} />{s.name}</label>)}</div>
      </fieldset>
      <div class="pair">
        <label class="field"><span>Only events named <span class="quiet">one a line; * is any text</span></span>
          <textarea class="control" rows={3} spellcheck={false} disabled={locked} placeholder={'Order *\nMessage Sent'} value={draft.events} onInput={(e) => change({ events: e.currentTarget.value })} />
        </label>
        <label class="field"><span>But not <span class="quiet">one a line</span></span>
          <textarea class="control" rows={3} spellcheck={false} disabled={locked} value={draft.except} onInput={(e) => change({ except: e.currentTarget.value })} />
        </label>
      </div>
      {!locked && <Names chosen={linesOf(draft.events)} add={(name) => change({ events: [...linesOf(draft.events), name].join('\n') })} />}
      <Conditions where={draft.where} change={(where) => change({ where })} locked={locked} />
    </>
  )
}

/** Names of events that came in, to add to the filter. */
function Names({ chosen, add }: { chosen: readonly string[]; add: (name: string) => void }) {
  const { data } = useGet<MetricAnswer>(apiUrl('metrics/events', { breakdown: 'source_event', limit: 60 }))
  const names = (data?.groups ?? []).flatMap((g) => (g.keys[0] && !chosen.includes(g.keys[0]) ? [{ name: g.keys[0], n: g.value ?? 0 }] : []))
  if (names.length === 0) return null
  return (
    <details class="small">
      <summary>Names that came in</summary>
      <div class="row name-list">{names.map(({ name, n }) => <button type="button" class="button" key={name} onClick={() => add(name)}>{name} <span class="quiet num">{count(n)}</span></button>)}</div>
    </details>
  )
}

function Conditions({ where, change, locked }: { where: readonly DestinationCondition[]; change: (where: DestinationCondition[]) => void; locked: boolean }) {
  const set = (i: number, part: Partial<DestinationCondition>) => change(where.map((c, n) => (n === i ? { ...c, ...part } : c)))
  return (
    <fieldset class="field" disabled={locked}>
      <legend>Conditions <span class="quiet">all must hold</span></legend>
      {where.map((c, i) => (
        <div class="filter-condition" key={i}>
          <input class="control mono" aria-label={`Path of condition ${i + 1}`} spellcheck={false} placeholder="$.properties.plan" value={c.path} onInput={(e) => set(i, { path: e.currentTarget.value })} />
          <select class="control" aria-label={`Operator of condition ${i + 1}`} value={c.is} onChange={(e) => set(i, { is: e.currentTarget.value as DestinationCondition['is'] })}>
            {operators.map(([is, word]) => <option key={is} value={is}>{word}</option>)}
          </select>
          {c.is === 'one_of'
            ? <input class="control" aria-label={`Values of condition ${i + 1}, by commas`} placeholder="pro, team" value={(c.any ?? []).join(',')} onInput={(e) => set(i, { any: e.currentTarget.value.split(',') })} />
            : takesValue(c.is) ? <input class="control" aria-label={`Value of condition ${i + 1}`} value={c.value ?? ''} onInput={(e) => set(i, { value: e.currentTarget.value })} /> : <span />}
          <button type="button" class="button square plain" aria-label={`Remove condition ${i + 1}`} onClick={() => change(where.filter((_, n) => n !== i))}><Icon name="close" /></button>
        </div>
      ))}
      <div><button type="button" class="button" onClick={() => change([...where, { path: '', is: 'equals', value: '' }])}>Add a condition</button></div>
    </fieldset>
  )
}

/** Insert functions in the order in which they run. */
export function InsertFields({ draft, functions, change, locked }: Omit<Props, 'kind'> & { functions: readonly CodeFunction[] }) {
  const inserts = functions.filter((f) => f.kind === 'insert')
  const left = inserts.filter((f) => !draft.functions.includes(f.id))
  const set = (list: readonly string[]) => change({ functions: list })
  return (
    <>
      {draft.functions.length > 0 && (
        <ol class="inserts">
          {draft.functions.map((id, i) => {
            const f = inserts.find((one) => one.id === id)
            const name = f?.name ?? id
            return (
              <li class="row" key={id}>
                <span class="grow">{i + 1}. {name} {f?.deployed === 0 && <span class="mark warn">not deployed</span>}</span>
                {!locked && i > 0 && <button type="button" class="button" aria-label={`Run ${name} earlier`} onClick={() => set(draft.functions.map((d, n) => (n === i - 1 ? id : n === i ? (draft.functions[i - 1] ?? d) : d)))}>Earlier</button>}
                {!locked && <button type="button" class="button square plain" aria-label={`Remove ${name}`} onClick={() => set(draft.functions.filter((d) => d !== id))}><Icon name="close" /></button>}
              </li>
            )
          })}
        </ol>
      )}
      {!locked && left.length > 0 && (
        <label class="field"><span>Run a function before calls are sent</span>
          <select class="control" value="" onChange={(e) => { if (e.currentTarget.value) set([...draft.functions, e.currentTarget.value]) }}>
            <option value="">choose one</option>
            {left.map((f) => <option key={f.id} value={f.id}>{f.name}{f.deployed === 0 && ', not deployed'}</option>)}
          </select>
        </label>
      )}
      {inserts.length === 0 && <p class="small quiet">There is no insert function yet. Write one under Functions to change calls, or to keep some back.</p>}
    </>
  )
}
