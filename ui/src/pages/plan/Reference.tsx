import type { Plan } from '../../api/types'
import { Empty } from '../../components/States'
import { plural } from '../../format/number'
import { changeParams, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { commonOf, eventsOf, extendsOf, found, type PlannedEvent, type Property } from './document'
import { planHref } from './link'

/** A plan for reading: every event with its properties and rules. */
export function Reference({ plan }: { plan: Plan }) {
  const words = params.value.get('find') ?? ''
  const all = eventsOf(plan)
  const shown = found(all, words)
  const common = commonOf(plan)
  const bases = extendsOf(plan)
  return (
    <div class="reference">
      <div class="row">
        <input class="control find" type="search" aria-label="Find an event or property" placeholder="Event, property, description" value={words} onInput={(e) => changeParams({ find: e.currentTarget.value || undefined }, { replace: true })} />
        <span class="quiet small num" role="status">{words ? `${shown.length} of ${plural(all.length, 'event')}` : plural(all.length, 'event')}</span>
      </div>
      {bases.length > 0 && <p class="notice"><span>Also plans the events of {bases.map((b, i) => <span key={b}>{i > 0 && ', '}<a class="link" href={planHref(b, view.value)}>{b}</a></span>)}, save those that are written here.</span></p>}
      {common.length > 0 && words === '' && <section class="planned"><h2>Every call</h2><Properties label="Every call" properties={common} /></section>}
      {shown.length === 0 && <Empty title={all.length === 0 ? 'No events yet' : 'No such event or property'}><p>{all.length === 0 ? 'Add events in the editor.' : 'Every word must occur in an event, its description or its properties.'}</p></Empty>}
      {shown.map((e, i) => <Planned key={`${e.type} ${e.name} ${e.version ?? ''} ${i}`} event={e} />)}
    </div>
  )
}

function Planned({ event: e }: { event: PlannedEvent }) {
  return (
    <section class="planned">
      <h2 class="row">
        <a href={hrefTo('/data/violations', view.value, { event: e.name })} title="Violations of this event">{e.name}</a>
        {e.type !== 'track' && e.type !== e.name && <span class="mark">{e.type}</span>}
        {e.version !== undefined && <span class="mark">version {e.version}</span>}
        {e.deprecated && <span class="mark warn">deprecated</span>}
        {e.labels.map(([k, v]) => <span key={k} class="mark">{k}: {v}</span>)}
      </h2>
      {e.description && <p class="small">{e.description}</p>}
      {e.aliases.length > 0 && <p class="small quiet">Also sent as {e.aliases.join(', ')}</p>}
      {e.ratingScale && <p class="small quiet">Ratings without a scale are on {e.ratingScale}</p>}
      <Properties label={e.name} properties={e.properties} />
      <p class="tiny quiet">{e.properties.length === 0 ? 'Any properties.' : e.open ? 'Further properties are welcome.' : 'Any other property is unplanned.'}</p>
      {e.call.length > 0 && <><h3>The call as a whole</h3><Properties label={`${e.name}, the call`} properties={e.call} /></>}
    </section>
  )
}

function Properties({ label, properties }: { label: string; properties: readonly Property[] }) {
  if (properties.length === 0) return null
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={`Properties of ${label}`}>
      <table class="table properties">
        <thead><tr><th scope="col">Property</th><th scope="col">Type</th><th scope="col">Required</th><th scope="col">Rules</th><th scope="col">Description</th></tr></thead>
        <tbody>
          {properties.map((p) => (
            <tr key={p.path}>
              <td class="mono">{p.path}</td><td>{p.type}</td><td>{p.required ? <b>required</b> : <span class="quiet">optional</span>}</td><td>{p.rules.join('; ')}</td><td>{p.description}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
