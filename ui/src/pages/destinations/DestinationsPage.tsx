import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Deliveries, Destination, DestinationList } from '../../api/types'
import { Empty, Failure, Waiting } from '../../components/States'
import { count } from '../../format/number'
import { ago } from '../../format/time'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, zone } from '../../state/workspace'
import { destinationHref } from './link'
import { stateOf } from './steps'

/** Where calls go on to, and whether they arrive. */
export function DestinationsPage() {
  const { data, error, reload } = useGet<DestinationList>(apiUrl('destinations'))
  const add = <a class="button primary" href={hrefTo('/data/destinations/new', view.value)}>Add a destination</a>
  return (
    <>
      <div class="page-head"><h1>Destinations</h1>{mayEdit.value && (data?.destinations.length ?? 0) > 0 && add}</div>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : data.destinations.length === 0 ? (
        <Empty title="Nothing is handed on yet">
          <p>A destination gets every call that is stored and that its filter lets through: your warehouse, an analytics product, a chat, or a webhook of your own. Calls wait while it is down, and what it refuses is kept to be sent again.</p>
          {mayEdit.value && <p>{add}</p>}
        </Empty>
      ) : (
        <div class="table-wrap" tabIndex={0} role="region" aria-label="Destinations">
          <table class="table">
            <thead><tr><th scope="col">Destination</th><th scope="col">Kind</th><th scope="col">State</th><th scope="col" class="right">Delivered, 24 h</th><th scope="col" class="right">Waiting</th><th scope="col" class="right">Given up</th><th scope="col">Last delivery</th></tr></thead>
            <tbody>{data.destinations.map((d) => <Row key={d.id} destination={d} />)}</tbody>
          </table>
        </div>
      )}
    </>
  )
}

function Row({ destination: d }: { destination: Destination }) {
  const { data } = useGet<Deliveries>(apiUrl(`destinations/${encodeURIComponent(d.id)}/deliveries`, { hours: 24 }))
  const state = stateOf(d.health)
  const delivered = data?.totals.find((t) => t.step === 'delivered')?.count ?? 0
  return (
    <tr>
      <td><a href={destinationHref(d.id, view.value)}>{d.name}</a></td>
      <td>{d.kind}</td>
      <td><span class={`mark ${state.tone}`} title={state.says}>{state.word}</span></td>
      <td class="right">{data ? count(delivered) : '…'}</td>
      <td class="right">{count(d.health.waiting)}{d.health.waiting > 0 && d.health.oldest_at && <span class="quiet tiny"> since {ago(d.health.oldest_at, zone.value)}</span>}</td>
      <td class="right">{d.health.dead > 0 ? <a href={destinationHref(d.id, view.value, { tab: 'dead' })}>{count(d.health.dead)}</a> : '0'}</td>
      <td class="num">{d.health.last_delivery_at ? ago(d.health.last_delivery_at, zone.value) : <span class="quiet">none lately</span>}</td>
    </tr>
  )
}
