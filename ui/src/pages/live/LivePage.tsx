import { useRef, useState } from 'preact/hooks'
import { type Arrival, useLive } from '../../api/live'
import type { Event, Rejection } from '../../api/types'
import { Icon } from '../../components/Icon'
import { Marks } from '../../components/Marks'
import { Empty } from '../../components/States'
import { count, plural } from '../../format/number'
import { preciseTime } from '../../format/time'
import { useKeys } from '../../shell/keys'
import { changeParams, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { sourceNames, zone } from '../../state/workspace'
import { EventDetail } from '../conversation/EventList'
import { matches } from './matches'

const most = 300

/** What comes in right now, with what validation says, rejected calls too. */
export function LivePage() {
  const [rows, setRows] = useState<readonly Arrival[]>([])
  const [paused, setPaused] = useState(false)
  const waiting = useRef<Arrival[]>([])
  const [behind, setBehind] = useState(0)
  const source = view.value.filters.find((f) => f.field === 'source' && f.op === 'eq' && !f.not && f.values.length === 1)?.values[0]
  const text = params.value.get('find') ?? ''
  const only = params.value.get('only') ?? ''

  const add = (list: readonly Arrival[]) => setRows((old) => [...list, ...old].slice(0, most))
  const state = useLive({ source, on: true }, (a) => {
    if (!paused) return add([a])
    waiting.current = [a, ...waiting.current].slice(0, most)
    setBehind(waiting.current.length)
  })
  const toggle = () => {
    if (paused) {
      add(waiting.current)
      waiting.current = []
      setBehind(0)
    }
    setPaused(!paused)
  }
  useKeys([{ key: 'p', does: 'Pause, go on', run: toggle }])

  const shown = rows.filter((a) => matches(a, text, only))
  const said = { connecting: 'Connecting …', listening: paused ? `Paused · ${count(behind)} waiting` : 'Listening', lost: 'Connection lost; trying again …' }[state]
  return (
    <>
      <div class="page-head">
        <h1>Live</h1>
        <div class="row">
          <span class={`pulse ${state} ${paused ? 'paused' : ''}`} role="status">{said}</span>
          <input class="control" type="text" aria-label="Find in what came in" placeholder="Name, id, person" value={text} onInput={(e) => changeParams({ find: e.currentTarget.value }, { replace: true })} />
          <div class="segments" role="group" aria-label="Which">
            {[['', 'All'], ['odd', 'With remarks'], ['rejected', 'Rejected']].map(([value, label]) => (
              <button type="button" key={value} aria-pressed={only === value} onClick={() => changeParams({ only: value }, { replace: true })}>{label}</button>
            ))}
          </div>
          <button type="button" class="button" aria-pressed={paused} onClick={toggle}><Icon name={paused ? 'play' : 'pause'} />{paused ? 'Go on' : 'Pause'}</button>
        </div>
      </div>
      {shown.length === 0
        ? (
          <Empty title={rows.length > 0 ? 'Nothing of that kind so far' : 'Waiting for the next call'}>
            <p>Calls appear here within a second of being accepted, and rejected ones with the reason. This page shows what comes in while it is open; <a href={hrefTo('/conversations', view.value)}>what came before is under Conversations</a>.</p>
            <p><a href={hrefTo('/start', view.value)}>How to connect a client</a></p>
          </Empty>
        )
        : <ol class="live" aria-label="What came in, the newest first">{shown.map((a, i) => <Row key={keyOf(a, rows.length - i)} arrival={a} />)}</ol>}
    </>
  )
}

const keyOf = (a: Arrival, i: number) => (a.type === 'event' ? a.event.id : a.type === 'rejection' ? `r${a.rejection.id}` : `m${i}`)

function Row({ arrival }: { arrival: Arrival }) {
  switch (arrival.type) {
    case 'event': return <EventRow event={arrival.event} />
    case 'rejection': return <RejectionRow rejection={arrival.rejection} />
    case 'missed': return <li class="quiet small">{plural(arrival.count, 'event')} came too fast to be shown. They are stored.</li>
  }
}

function EventRow({ event }: { event: Event }) {
  const [open, setOpen] = useState(false)
  return (
    <li>
      <div class="live-row">
        <span class="num quiet">{preciseTime(event.received_at, zone.value)}</span>
        <button type="button" class="name" aria-expanded={open} onClick={() => setOpen(!open)}>{event.source_event}</button>
        <span class="clip text" dir="auto">{event.body ?? event.tool_name ?? event.artifact_type ?? event.comment ?? ''}</span>
        <span class="clip quiet">{event.user_id ?? event.anonymous_id ?? 'unknown'}</span>
        {event.conversation_id ? <a class="clip link" href={hrefTo(`/conversations/${encodeURIComponent(event.conversation_id)}`, view.value)}>{event.conversation_id}</a> : <span class="quiet">no conversation</span>}
        <span class="clip quiet">{sourceNames.value.get(event.source) ?? event.source}</span>
        <Marks event={event} />
      </div>
      {open && <EventDetail event={event} />}
    </li>
  )
}

function RejectionRow({ rejection }: { rejection: Rejection }) {
  return (
    <li>
      <details>
        <summary class="live-row rejected">
          <span class="num quiet">{preciseTime(rejection.received_at, zone.value)}</span>
          <span class="mark bad"><Icon name="warn" />rejected</span>
          <span class="text">{rejection.message}</span>
          <span class="clip quiet">{sourceNames.value.get(rejection.source) ?? rejection.source}</span>
        </summary>
        {rejection.call ? <pre class="json" tabIndex={0} role="region" aria-label="The call as received">{rejection.call}</pre> : <p class="small quiet">The call was too large to keep.</p>}
      </details>
    </li>
  )
}
