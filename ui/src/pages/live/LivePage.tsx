import { useRef, useState } from 'preact/hooks'
import { type Arrival, useLive } from '../../api/live'
import type { Event, Rejection } from '../../api/types'
import { Icon } from '../../components/Icon'
import { Marks } from '../../components/Marks'
import { Empty } from '../../components/States'
import { explain } from '../../format/codes'
import { count, plural } from '../../format/number'
import { preciseTime } from '../../format/time'
import { useKeys } from '../../shell/keys'
import { onlySource } from '../../state/filter'
import { changeParams, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { sourceNames, zone } from '../../state/workspace'
import { EventDetail } from '../conversation/EventList'
import { spanName } from '../conversation/trace'
import { journeyHref } from '../journey/link'
import { joined, matches, technical } from './matches'

const most = 300

/** What comes in right now, with what validation says, rejected calls too. */
export function LivePage() {
  const [rows, setRows] = useState<readonly Arrival[]>([])
  const [paused, setPaused] = useState(false)
  const waiting = useRef<Arrival[]>([])
  const [behind, setBehind] = useState(0)
  const source = onlySource(view.value.filters)
  const text = params.value.get('find') ?? ''
  const only = params.value.get('only') ?? ''
  const event = params.value.get('event') ?? ''
  const spans = params.value.get('spans') !== '0'

  const add = (list: readonly Arrival[]) => setRows((old) => joined(old, list, most))
  const state = useLive({ source, on: true }, (a) => {
    if (!paused) return add([a])
    waiting.current = joined(waiting.current, [a], most)
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

  const shown = rows.filter((a) => matches(a, { text, only, event, spans }))
  const names = [...new Set([...rows.flatMap((a) => (a.type === 'event' ? [a.event.source_event] : [])), ...(event ? [event] : [])])].sort()
  const said = { connecting: 'Connecting …', listening: paused ? `Paused · ${count(behind)} waiting` : 'Listening', lost: 'Connection lost; trying again …' }[state]
  return (
    <>
      <div class="page-head">
        <h1>Live</h1>
        <div class="row">
          <span class={`pulse ${state} ${paused ? 'paused' : ''}`} role="status">{said}</span>
          <input class="control" type="text" aria-label="Find in what came in" placeholder="Name, id, person" value={text} onInput={(e) => changeParams({ find: e.currentTarget.value }, { replace: true })} />
          <div class="segments" role="group" aria-label="Which">
            {[['', 'All'], ['ok', 'Valid'], ['repaired', 'Repaired'], ['violation', 'Violations'], ['rejected', 'Refused']].map(([value, label]) => (
              <button type="button" key={value} aria-pressed={only === value} onClick={() => changeParams({ only: value }, { replace: true })}>{label}</button>
            ))}
          </div>
          <select class="control" aria-label="Event" value={event} onChange={(e) => changeParams({ event: e.currentTarget.value || undefined }, { replace: true })}>
            <option value="">All events</option>
            {names.map((n) => <option key={n} value={n}>{n}</option>)}
          </select>
          <label class="row small"><input type="checkbox" checked={spans} onChange={(e) => changeParams({ spans: e.currentTarget.checked ? undefined : '0' }, { replace: true })} />Spans and logs</label>
          <button type="button" class="button" aria-pressed={paused} onClick={toggle}><Icon name={paused ? 'play' : 'pause'} />{paused ? 'Go on' : 'Pause'}</button>
        </div>
      </div>
      {shown.length === 0
        ? (
          <Empty title={rows.length > 0 ? 'Nothing of that kind so far' : 'Waiting for the next call'}>
            <p>Calls appear here within a second of being accepted, and rejected ones with the reason. This page shows what comes in while it is open; <a href={hrefTo('/conversations', view.value)}>what came before is under Conversations</a>.</p>
            <p>Calls that a plan holds back are in <a href={hrefTo('/data/quarantine', view.value)}>quarantine</a>.</p>
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
  const quiet = technical(event)
  const read = event.kind === 'message' && event.derived_from !== undefined // read off a call of a model
  return (
    <li class={quiet ? 'technical' : ''}>
      <div class="live-row">
        <span class="num quiet"><button type="button" class="button plain more-button" aria-expanded={open} aria-label={`Details of ${event.source_event}`} onClick={() => setOpen(!open)}><Icon name={open ? 'down' : 'right'} /></button>{preciseTime(event.received_at, zone.value)}</span>
        <a class="name" href={journeyHref(event.derived_from && event.id.startsWith(`${event.derived_from}#`) ? event.derived_from : event.id, view.value)} title="Journey of this call">{read ? 'message' : event.source_event}<span class="quiet">{read ? ' from the trace' : event.source_subtype && ` ${event.source_subtype}`}</span></a>
        <span class="clip text" dir="auto">{event.body ?? event.tool_name ?? event.artifact_type ?? event.comment ?? (quiet ? spanName(event) : '')}</span>
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
          <span class="mark bad" title={explain(rejection.code, 'rejection').meaning}><Icon name="warn" />refused: {rejection.code}</span>
          <span class="text">{rejection.message}</span>
          <span class="clip quiet">{sourceNames.value.get(rejection.source) ?? rejection.source}</span>
        </summary>
        {rejectedId(rejection.call) && <p class="small"><a href={journeyHref(rejectedId(rejection.call) ?? '', view.value)}>Journey of this call</a></p>}
        {rejection.call ? <pre class="json" tabIndex={0} role="region" aria-label="The call as received">{rejection.call}</pre> : <p class="small quiet">The call was too large to keep.</p>}
      </details>
    </li>
  )
}

/** The id that a refused call was sent with, if it can be read. */
function rejectedId(call: string): string | undefined {
  try {
    const { messageId } = JSON.parse(call) as { messageId?: unknown }
    return typeof messageId === 'string' && messageId ? messageId : undefined
  } catch {
    return undefined
  }
}
