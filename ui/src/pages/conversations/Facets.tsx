import { useState } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Facet, FacetList } from '../../api/types'
import { Icon } from '../../components/Icon'
import { Failure } from '../../components/States'
import { count } from '../../format/number'
import { fieldIs, fieldLabel, sameFilter, toggleFilter, valueLabel } from '../../state/filter'
import { changeView, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { question, sourceNames } from '../../state/workspace'

const fields = ['topic', 'outcome', 'signal', 'satisfaction_band', 'sentiment', 'label', 'source', 'model', 'language', 'converted', 'ended', 'tool_name', 'artifact_type', 'source_event', 'channel', 'agent_id', 'mode', 'violation', 'repair']

/** Values of the usual fields with the number of conversations that each would leave. */
export function Facets() {
  const { data, error, loading, reload } = useGet<FacetList>(apiUrl('conversations/facets', { ...question.value, fields: fields.join(','), limit: 6 }))
  if (error) return <Failure error={error} retry={reload} />
  return (
    <div class={`facets ${loading ? 'busy' : ''}`}>
      {data?.facets.filter(tells).map((facet) => <OneFacet key={facet.field} facet={facet} />)}
      <OwnFilter />
    </div>
  )
}

/** A field that no conversation has tells nothing. */
const tells = (facet: Facet) => facet.values.some((v) => v.value !== null && v.value !== '')

function OneFacet({ facet }: { facet: Facet }) {
  const { filters } = view.value
  const largest = Math.max(1, ...facet.values.map((v) => v.count))
  return (
    <section>
      <h3>{fieldLabel(facet.field)}</h3>
      <ul class="bars">
        {facet.values.map(({ value, count: n }) => {
          const filter = fieldIs(facet.field, value)
          const on = filters.some((f) => sameFilter(f, filter))
          return (
            <li key={String(value)}>
              <a href={hrefTo('/conversations', { ...view.value, filters: toggleFilter(filters, filter) })} aria-pressed={on} role="button">
                <span class="fill" style={{ width: `${(n / largest) * 100}%` }} />
                <span class={`clip ${value === null ? 'quiet' : ''}`}>{on && '✓ '}{valueLabel(facet.field, value, sourceNames.value)}</span>
                <span class="num">{count(n)}</span>
              </a>
            </li>
          )
        })}
      </ul>
      {facet.more > 0 && <p class="tiny quiet more">and {count(facet.more)} more</p>}
    </section>
  )
}

/** A filter on any field, properties included. */
function OwnFilter() {
  const [field, setField] = useState('')
  const [value, setValue] = useState('')
  const add = (event: Event) => {
    event.preventDefault()
    if (!field.trim()) return
    const f = value === '' ? { field: field.trim(), op: 'exists' as const, values: [], not: false } : fieldIs(field.trim(), value)
    changeView({ filters: [...view.value.filters, f] })
    setField('')
    setValue('')
  }
  return (
    <section>
      <h3>Any other field</h3>
      <form class="own-filter" onSubmit={add}>
        <input class="control" aria-label="Field" placeholder="properties.plan" list="fields" value={field} onInput={(e) => setField(e.currentTarget.value)} />
        <input class="control" aria-label="Value; empty for any" placeholder="value, or any" value={value} onInput={(e) => setValue(e.currentTarget.value)} />
        <button class="button square" aria-label="Add the filter" disabled={!field.trim()}><Icon name="filter" /></button>
      </form>
      <datalist id="fields">{['user_id', 'anonymous_id', 'session_id', 'group_id', 'conversation_id', 'tool_type', 'artifact_subtype', 'product_event', 'vocabulary', 'properties.'].map((f) => <option key={f} value={f} />)}</datalist>
    </section>
  )
}
