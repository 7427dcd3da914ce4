import { useState } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Event } from '../../api/types'
import { Copy } from '../../components/Copy'
import { Marks } from '../../components/Marks'
import { Failure, Waiting } from '../../components/States'
import { faults } from '../../format/repairs'
import { preciseTime } from '../../format/time'
import { view } from '../../state/location'
import { zone } from '../../state/workspace'
import { journeyHref } from '../journey/link'

/** Events as they came, each with what validation said, and its raw call on demand. */
export function EventList({ events }: { events: readonly Event[] }) {
  return <ol class="events">{events.map((e) => <EventRow key={e.id} event={e} />)}</ol>
}

function EventRow({ event }: { event: Event }) {
  const [open, setOpen] = useState(false)
  const odd = faults(event).length + (event.violations?.length ?? 0)
  const bad = (event.violations?.length ?? 0) > 0
  return (
    <li>
      <button type="button" class="event-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span class="num quiet">{preciseTime(event.occurred_at, zone.value)}</span>
        <span class="clip">{event.kind === 'message' && event.derived_from ? `${event.role ?? 'message'}, from the trace` : event.source_event}{event.source_subtype && <span class="quiet"> {event.source_subtype}</span>}</span>
        {odd > 0 && <span class={`mark ${bad ? 'bad' : 'warn'}`}>{odd}<span class="hidden"> remarks</span></span>}
      </button>
      {open && <EventDetail event={event} />}
    </li>
  )
}

/** One event in full. */
export function EventDetail({ event }: { event: Event }) {
  const { data, error, reload } = useGet<Event>(apiUrl(`events/${encodeURIComponent(event.id)}`))
  return (
    <div class="event-detail">
      <Marks event={event} />
      <dl class="facts">
        <dt>Event id</dt><dd class="mono">{event.id}</dd>
        <dt>Kind</dt><dd>{event.kind}/{event.action}</dd>
        {event.message_id && <><dt>Message id</dt><dd class="mono">{event.message_id}</dd></>}
        <dt>Received</dt><dd class="num">{preciseTime(event.received_at, zone.value)}</dd>
        {event.user_id && <><dt>User</dt><dd class="mono">{event.user_id}</dd></>}
        {event.anonymous_id && <><dt>Anonymous id</dt><dd class="mono">{event.anonymous_id}</dd></>}
      </dl>
      <div><a class="button" href={journeyHref(event.derived_from && event.id.startsWith(`${event.derived_from}#`) ? event.derived_from : event.id, view.value)}>Journey of this call</a></div>
      <h3>The call as received</h3>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : data.raw === undefined ? <p class="quiet small">Not kept.</p> : (
        <>
          <pre class="json" tabIndex={0} role="region" aria-label="The call as received">{JSON.stringify(data.raw, null, 2)}</pre>
          <div><Copy text={JSON.stringify(data.raw, null, 2)} label="Copy the call" /></div>
        </>
      )}
    </div>
  )
}
