import { useEffect, useRef, useState } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { FacetList } from '../../api/types'
import { Icon } from '../../components/Icon'
import { type Filter, fieldIs, type Op } from '../../state/filter'
import { factPrefix, type Funnel, maxSteps, type Step } from '../../state/funnel'
import { question } from '../../state/workspace'
import { withCondition } from './steps'

const windows = [['', 'no window'], ['5m', '5 minutes'], ['30m', '30 minutes'], ['24h', 'a day'], ['7d', '7 days'], ['30d', '30 days']] as const
const facts = ['outcome', 'topic', 'signal', 'label', 'satisfaction_band', 'converted', 'user_messages', 'channel', 'agent_id', 'model', 'language', 'tool_name']
const eventFields = ['source_event', 'kind', 'action', 'role', 'tool_name', 'artifact_type', 'feedback_name', 'score', 'product_event', 'properties.']
const ops: readonly [Op, string][] = [['eq', 'is'], ['contains', 'contains'], ['gte', '≥'], ['lte', '≤'], ['exists', 'is known']]

/** Steps that can be changed, moved, added and taken away, by mouse or keyboard. What is not complete yet is kept here
 *  and not asked. */
export function Editor({ funnel, change }: { funnel: Funnel; change: (f: Funnel) => void }) {
  const { data } = useGet<FacetList>(apiUrl('conversations/facets', { ...question.value, funnel: undefined, fields: ['source_event', 'tool_name', 'artifact_type', ...facts.slice(0, 4)].join(','), limit: 40 }))
  const known = new Map(data?.facets.map((f) => [f.field, f.values.flatMap((v) => (v.value === null ? [] : [v.value]))]))
  const list = useRef<HTMLOListElement>(null)
  const focus = useRef<number | null>(null)
  const steps = (next: Step[], to?: number) => {
    if (to !== undefined) focus.current = to
    change({ ...funnel, steps: next })
  }
  useEffect(() => {
    if (focus.current === null) return
    list.current?.querySelectorAll<HTMLElement>('.step-name')[focus.current]?.focus()
    focus.current = null
  })
  const swap = (i: number, k: number) => {
    const next = [...funnel.steps]
    const [a, b] = [next[i], next[k]]
    if (!a || !b) return
    next[i] = b
    next[k] = a
    steps(next, k)
  }
  return (
    <section class="funnel-editor" aria-label="Steps of the funnel">
      <ol ref={list}>
        {funnel.steps.map((step, i) => (
          <li key={i}>
            <span class="step-number num" aria-hidden="true">{i + 1}</span>
            <div class="step-body">
              <input class="control step-name" aria-label={`Name of step ${i + 1}`} placeholder="Name, if you like" value={step.name}
                onChange={(e) => steps(funnel.steps.map((s, k) => (k === i ? { ...s, name: e.currentTarget.value.trim() } : s)))} />
              {(step.conditions.length > 0 ? step.conditions : [null]).map((c, n) => (
                <ConditionRow key={n} label={`step ${i + 1}, condition ${n + 1}`} condition={c} known={known}
                  change={(f) => steps(funnel.steps.map((s, k) => (k === i ? { ...s, conditions: withCondition(s.conditions, n, f) } : s)))} />
              ))}
            </div>
            <div class="step-tools">
              <button type="button" class="button plain" onClick={() => steps(funnel.steps.map((s, k) => (k === i ? { ...s, conditions: [...s.conditions, fieldIs(`${factPrefix}channel`, '')] } : s)))}>and …</button>
              <button type="button" class="button plain square" aria-label={`Move step ${i + 1} up`} disabled={i === 0} onClick={() => swap(i, i - 1)}>↑</button>
              <button type="button" class="button plain square" aria-label={`Move step ${i + 1} down`} disabled={i === funnel.steps.length - 1} onClick={() => swap(i, i + 1)}>↓</button>
              <button type="button" class="button plain square" aria-label={`Remove step ${i + 1}`} disabled={funnel.steps.length === 1} onClick={() => steps(funnel.steps.filter((_, k) => k !== i), Math.max(0, i - 1))}><Icon name="close" /></button>
            </div>
          </li>
        ))}
      </ol>
      <div class="row funnel-settings">
        <button type="button" class="button" disabled={funnel.steps.length >= maxSteps} onClick={() => steps([...funnel.steps, { name: '', conditions: [] }], funnel.steps.length)}>Add a step</button>
        <label>per <select class="control" value={funnel.person ? 'person' : 'conversation'} onChange={(e) => change({ ...funnel, person: e.currentTarget.value === 'person' })}>
          <option value="conversation">conversation</option><option value="person">person</option>
        </select></label>
        <label>in <select class="control" value={funnel.ordered ? 'true' : 'false'} onChange={(e) => change({ ...funnel, ordered: e.currentTarget.value === 'true' })}>
          <option value="true">this order</option><option value="false">any order</option>
        </select></label>
        <label>within <select class="control" value={funnel.window} onChange={(e) => change({ ...funnel, window: e.currentTarget.value })}>
          {windows.map(([value, title]) => <option key={value} value={value}>{title}</option>)}
          {!windows.some(([value]) => value === funnel.window) && <option value={funnel.window}>{funnel.window}</option>}
        </select></label>
      </div>
    </section>
  )
}

const valued = (f: Filter, text: string): Filter => ({ ...f, values: f.op === 'eq' ? text.split('|') : [text] })

function ConditionRow(props: { label: string; condition: Filter | null; known: ReadonlyMap<string, string[]>; change: (f: Filter | null) => void }) {
  const { label, known } = props
  const id = label.replaceAll(/\W+/g, '-')
  const [draft, setDraft] = useState<Filter | null>(props.condition)
  useEffect(() => setDraft(props.condition), [JSON.stringify(props.condition)])
  const isFact = draft?.field.startsWith(factPrefix) ?? false
  const field = draft?.field.replace(factPrefix, '') ?? ''
  const update = (f: Filter | null) => {
    setDraft(f)
    if (f === null || (f.field.replace(factPrefix, '') !== '' && !f.field.endsWith('.') && (f.op === 'exists' || (f.values[0] ?? '') !== ''))) props.change(f)
  }
  const named = (fact: boolean, name: string): Filter => ({ not: draft?.not ?? false, op: draft?.op ?? 'eq', values: draft?.values ?? [''], field: (fact ? factPrefix : '') + name })
  return (
    <div class="condition">
      <select class="control" aria-label={`What ${label} looks at`} value={draft === null ? 'any' : isFact ? 'fact' : 'event'} onChange={(e) => {
        const kind = e.currentTarget.value
        if (kind === 'any') update(null)
        else update({ not: false, op: 'eq', values: [''], field: kind === 'fact' ? `${factPrefix}outcome` : 'source_event' })
      }}>
        <option value="any">any event</option><option value="event">an event whose</option><option value="fact">the conversation’s</option>
      </select>
      {draft && (
        <>
          <input class="control" aria-label={`Field of ${label}`} list={`${id}-fields`} value={field} onInput={(e) => setDraft(named(isFact, e.currentTarget.value.trim()))} onChange={(e) => update(named(isFact, e.currentTarget.value.trim()))} />
          <datalist id={`${id}-fields`}>{(isFact ? facts : eventFields).map((f) => <option key={f} value={f} />)}</datalist>
          <select class="control" aria-label={`How ${label} compares`} value={(draft.not ? '!' : '') + draft.op} onChange={(e) => {
            const not = e.currentTarget.value.startsWith('!')
            const op = e.currentTarget.value.replace('!', '') as Op
            update({ ...draft, not, op, values: op === 'exists' ? [] : [draft.values[0] ?? ''] })
          }}>
            {ops.map(([op, word]) => <option key={op} value={op}>{word}</option>)}
            <option value="!eq">is not</option><option value="!exists">is not known</option>
          </select>
          {draft.op !== 'exists' && (
            <>
              <input class="control value" aria-label={`Value of ${label}`} list={`${id}-values`} placeholder="value" value={draft.values.join('|')} onInput={(e) => setDraft(valued(draft, e.currentTarget.value))} onChange={(e) => update(valued(draft, e.currentTarget.value))} />
              <datalist id={`${id}-values`}>{known.get(field)?.map((v) => <option key={v} value={v} />)}</datalist>
            </>
          )}
        </>
      )}
    </div>
  )
}
