import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Event, EventList as Events } from '../../api/types'
import { Failure, Waiting } from '../../components/States'
import { longDay } from '../../format/time'
import { fieldIs, writeFilter } from '../../state/filter'
import { changeParams, params } from '../../state/location'
import { zone } from '../../state/workspace'
import { Pager } from '../accounts/AccountsPage'
import { EventList } from '../conversation/EventList'

/** What a person did: in the product, or all that came of them, the newest first, day by day. */
export function EventsPanel({ person }: { person: string }) {
  const all = params.value.get('events') === 'all'
  const where = [writeFilter(fieldIs('person', person)), ...(all ? [] : ['kind:eq:product|conversion'])]
  const { data, error, reload } = useGet<Events>(apiUrl('events', { where, after: params.value.get('after') ?? undefined }))
  const choose = (events?: string) => changeParams({ events, after: undefined })
  return (
    <section class="person-events">
      <div class="segments" role="group" aria-label="Which events">
        <button type="button" aria-pressed={!all} onClick={() => choose()}>In the product</button>
        <button type="button" aria-pressed={all} onClick={() => choose('all')}>All events</button>
      </div>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : data.events.length === 0
        ? <p class="quiet small">None. Events of the product are track, page and screen calls that are not part of a conversation.</p>
        : days(data.events).map(([day, events]) => <section key={day}><h3>{day}</h3><EventList events={events} /></section>)}
      {data && <Pager next={data.next} />}
    </section>
  )
}

/** Events by their day in the workspace's zone, in their order. */
function days(events: readonly Event[]): [string, Event[]][] {
  const out: [string, Event[]][] = []
  for (const e of events) {
    const day = longDay(e.occurred_at, zone.value)
    const last = out.at(-1)
    if (last?.[0] === day) last[1].push(e)
    else out.push([day, [e]])
  }
  return out
}
