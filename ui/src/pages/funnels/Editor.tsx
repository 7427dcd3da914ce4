import { useEffect, useRef, useState } from 'preact/hooks'
import { Condition, conversationFields, eventFields, useKnownValues } from '../../components/Condition'
import { Icon } from '../../components/Icon'
import { type Filter, fieldIs } from '../../state/filter'
import { factPrefix, type Funnel, maxSteps, type Step } from '../../state/funnel'
import { withCondition } from './steps'

const windows = [['', 'no window'], ['5m', '5 minutes'], ['30m', '30 minutes'], ['24h', 'a day'], ['7d', '7 days'], ['30d', '30 days']] as const

/** Steps that can be changed, moved, added and taken away, by mouse or keyboard. What is not complete yet is kept here
 *  and not asked. */
export function Editor({ funnel, change }: { funnel: Funnel; change: (f: Funnel) => void }) {
  const known = useKnownValues()
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

function ConditionRow(props: { label: string; condition: Filter | null; known: ReadonlyMap<string, string[]>; change: (f: Filter | null) => void }) {
  const { label, condition, known } = props
  const [kind, setKind] = useState(kindOf(condition))
  useEffect(() => setKind(kindOf(condition)), [JSON.stringify(condition)])
  const isFact = kind === 'fact'
  const start: Filter = { not: false, op: 'eq', values: [''], field: isFact ? 'outcome' : 'source_event' }
  const shown = condition && kindOf(condition) === kind ? { ...condition, field: condition.field.replace(factPrefix, '') } : start
  return (
    <div class="condition">
      <select class="control" aria-label={`What ${label} looks at`} value={kind} onChange={(e) => {
        setKind(e.currentTarget.value)
        if (e.currentTarget.value === 'any') props.change(null)
      }}>
        <option value="any">any event</option><option value="event">an event whose</option><option value="fact">the conversation’s</option>
      </select>
      {kind !== 'any' && <Condition label={label} condition={shown} fields={isFact ? conversationFields : eventFields} known={known} change={(f) => props.change({ ...f, field: (isFact ? factPrefix : '') + f.field })} />}
    </div>
  )
}

const kindOf = (f: Filter | null): string => (f === null ? 'any' : f.field.startsWith(factPrefix) ? 'fact' : 'event')
