import { useEffect, useId, useState } from 'preact/hooks'
import { apiUrl } from '../api/client'
import { useGet } from '../api/resource'
import type { FacetList } from '../api/types'
import type { Filter, Op } from '../state/filter'
import { question } from '../state/workspace'

/** Fields that conditions are most often about; others can be typed. */
export const conversationFields = ['outcome', 'topic', 'signal', 'label', 'satisfaction_band', 'satisfaction', 'converted', 'user_messages', 'channel', 'agent_id', 'model', 'language', 'tool_name']
export const eventFields = ['source_event', 'kind', 'action', 'role', 'tool_name', 'artifact_type', 'feedback_name', 'score', 'product_event', 'properties.']

const ops: readonly [Op, string][] = [['eq', 'is'], ['contains', 'contains'], ['gte', '≥'], ['lte', '≤'], ['exists', 'is known']]

/** Values of fields that came in, to choose from. */
export function useKnownValues(): ReadonlyMap<string, string[]> {
  const fields = ['source_event', 'tool_name', 'artifact_type', ...conversationFields.slice(0, 4)].join(',')
  const { data } = useGet<FacetList>(apiUrl('conversations/facets', { ...question.value, funnel: undefined, fields, limit: 40 }))
  return new Map(data?.facets.map((f) => [f.field, f.values.flatMap((v) => (v.value === null ? [] : [v.value]))]))
}

const valued = (f: Filter, text: string): Filter => ({ ...f, values: f.op === 'eq' ? text.split('|') : [text] })
const complete = (f: Filter): boolean => f.field !== '' && !f.field.endsWith('.') && (f.op === 'exists' || (f.values[0] ?? '') !== '')

interface Props {
  label: string // of what, for those who do not see it
  condition: Filter
  fields: readonly string[]
  known: ReadonlyMap<string, string[]>
  change: (f: Filter) => void
}

/** One condition: a field, how it compares, a value. What is not complete yet is kept here and not told. */
export function Condition({ label, condition, fields, known, change }: Props) {
  const id = useId()
  const [draft, setDraft] = useState(condition)
  useEffect(() => setDraft(condition), [JSON.stringify(condition)])
  const update = (f: Filter) => {
    setDraft(f)
    if (complete(f)) change(f)
  }
  return (
    <>
      <input class="control" aria-label={`Field of ${label}`} list={`${id}-fields`} placeholder="field" value={draft.field} onInput={(e) => setDraft({ ...draft, field: e.currentTarget.value.trim() })} onChange={(e) => update({ ...draft, field: e.currentTarget.value.trim() })} />
      <datalist id={`${id}-fields`}>{fields.map((f) => <option key={f} value={f} />)}</datalist>
      <select class="control" aria-label={`How ${label} compares`} value={(draft.not ? '!' : '') + draft.op} onChange={(e) => {
        const not = e.currentTarget.value.startsWith('!')
        const op = e.currentTarget.value.replace('!', '') as Op
        update({ ...draft, not, op, values: op === 'exists' ? [] : [draft.values[0] ?? ''] })
      }}>
        {ops.map(([op, word]) => <option key={op} value={op}>{word}</option>)}
        {!ops.some(([op]) => op === draft.op) && <option value={draft.op}>{draft.op === 'lt' ? '<' : '>'}</option>}
        <option value="!eq">is not</option><option value="!exists">is not known</option>
      </select>
      {draft.op !== 'exists' && (
        <>
          <input class="control value" aria-label={`Value of ${label}`} list={`${id}-values`} placeholder="value" value={draft.values.join('|')} onInput={(e) => setDraft(valued(draft, e.currentTarget.value))} onChange={(e) => update(valued(draft, e.currentTarget.value))} />
          <datalist id={`${id}-values`}>{known.get(draft.field)?.map((v) => <option key={v} value={v} />)}</datalist>
        </>
      )}
    </>
  )
}
