import { useMemo, useState } from 'preact/hooks'
import type { Event, Transcript } from '../../api/types'
import { Icon, type IconName } from '../../components/Icon'
import { Marks } from '../../components/Marks'
import { count, duration } from '../../format/number'
import { longDay, preciseTime, timeOfDay } from '../../format/time'
import { dayOf } from '../../state/day'
import { view } from '../../state/location'
import { conversions, zone } from '../../state/workspace'
import { journeyHref } from '../journey/link'
import { figuresOf, modelOf, outcomeOf } from './call'
import { type Signed, Signs } from './Signs'
import { Spans } from './Spans'
import { questionsFirst, weave } from './trace'
import { folded, itemsOf, type Note, roleName } from './transcript'

/** A conversation for reading. */
export function TranscriptView({ transcript, marks = false, signed }: { transcript: Transcript; marks?: boolean; signed?: Signed }) {
  const events = useMemo(() => questionsFirst(transcript.events), [transcript.events])
  const woven = useMemo(() => weave(events), [events])
  const items = itemsOf(events, (at) => dayOf(new Date(at), zone.value), conversions.value, woven)
  return (
    <ol class="transcript">
      {items.map((item, i) => {
        switch (item.type) {
          case 'day': return <li key={i} class="divider"><span>{longDay(item.at, zone.value)}</span></li>
          case 'gap': return <li key={i} class="gap quiet">{duration(item.ms)} later</li>
          case 'message': return <Message key={item.event.id} event={item.event} call={item.call} traced={woven.sent.has(item.event.message_id ?? '')} marks={marks} signed={signed} />
          case 'call': return <li key={item.event.id} class="note call" id={`event-${item.event.id}`}><Call event={item.event} /></li>
          case 'spans': return <Spans key={`spans-${item.id}`} spans={item.spans} />
          case 'note': return <NoteLine key={item.event.id} event={item.event} note={item.note} marks={marks} signed={signed} />
        }
      })}
      {transcript.truncated && <li class="notice">The transcript is cut here: the conversation has {count(transcript.conversation.events)} events. The export has all of them.</li>}
    </ol>
  )
}

function Message({ event, call, traced, marks, signed }: { event: Event; call?: Event; traced: boolean; marks: boolean; signed: Signed | undefined }) {
  const role = event.role ?? 'unknown'
  return (
    <li class={`message ${role}`} id={`event-${event.id}`}>
      <div class="who">
        <b>{roleName(event.role)}</b>{event.agent_name && event.role !== 'user' && <span>{event.agent_name}</span>}
        <time dateTime={event.occurred_at} title={preciseTime(event.occurred_at, zone.value)} class="num">{timeOfDay(event.occurred_at, zone.value)}</time>
        {event.derived_from && event.trace_id && <a class="link" href={journeyHref(event.derived_from, view.value)} title="Read off a call of a model, as no client sent it. Opens the journey of that call.">from the trace</a>}
        {traced && <span title="A trace has this message too. It is shown once.">also in the trace</span>}
      </div>
      <Body event={event} />
      {call && <div class="note call made"><Call event={call} /></div>}
      <Signs event={event.id} signed={signed} />
      {marks && <Marks event={event} />}
    </li>
  )
}

/** A call of a model in one line: what it cost, how long it took, how it ended. */
function Call({ event }: { event: Event }) {
  const outcome = outcomeOf(event)
  return (
    <>
      <Icon name="model" />
      <span class="num">
        <b>{modelOf(event)}</b>
        {event.operation && event.operation !== 'chat' && <span class="quiet"> {event.operation}</span>}
        {figuresOf(event).map((f) => <span key={f} class="quiet figure-part">{f}</span>)}
        {outcome && <> <span class={`mark ${outcome.tone}`}>{outcome.tone === 'bad' && <Icon name="warn" />}{outcome.text}</span></>}
        {event.error_message && <q dir="auto">{event.error_message}</q>}
      </span>
      <a class="link tiny" href={journeyHref(event.id, view.value)}>journey</a>
    </>
  )
}

/** The text of a message: always as text, whatever it looks like. */
function Body({ event }: { event: Event }) {
  const [all, setAll] = useState(false)
  const text = event.body
  if (text === undefined) return event.parts === undefined ? <p class="bubble quiet">Text not captured</p> : <pre class="bubble parts">{JSON.stringify(event.parts, null, 2)}</pre>
  if (text === '') return <p class="bubble quiet">Empty message</p>
  const short = folded(text)
  return (
    <div class="bubble" dir="auto">
      {all || short === null ? text : `${short} …`}
      {short !== null && <button type="button" class="button plain fold" aria-expanded={all} onClick={() => setAll(!all)}>{all ? 'Show less' : `Show all ${count(text.length)} characters`}</button>}
    </div>
  )
}

const icons: Record<Note['kind'], IconName> = { life: 'conversations', tool: 'tool', component: 'component', media: 'media', feedback: 'feedback', conversion: 'flag', other: 'right' }

function NoteLine({ event, note, marks, signed }: { event: Event; note: Note; marks: boolean; signed: Signed | undefined }) {
  return (
    <li class={`note ${note.kind}`} id={`event-${event.id}`}>
      <Icon name={icons[note.kind]} />
      <span><b>{note.title}</b>{note.detail && <span class="quiet"> {note.detail}</span>}{note.quote && <q dir="auto">{note.quote}</q>}</span>
      <time dateTime={event.occurred_at} title={preciseTime(event.occurred_at, zone.value)} class="num quiet">{timeOfDay(event.occurred_at, zone.value)}</time>
      {note.kind === 'tool' && <ToolDetail event={event} />}
      <Signs event={event.id} signed={signed} />
      {marks && <Marks event={event} />}
    </li>
  )
}

/** What a tool was asked and what it gave, on demand. */
function ToolDetail({ event }: { event: Event }) {
  const parts = ([['Arguments', event.tool_args], ['Result', event.tool_result]] as const).filter(([, value]) => value !== undefined && value !== null)
  return (
    <>
      {event.tool_ok === false && event.error_message && <q class="fault" dir="auto">{event.error_message}</q>}
      {parts.length > 0 && (
        <details class="tool-detail">
          <summary>{parts.length === 2 ? 'Arguments and result' : parts[0]?.[0]}</summary>
          {parts.map(([name, value]) => <div key={name}><h3>{name}</h3><pre class="json" tabIndex={0} role="region" aria-label={`${name} of ${event.tool_name ?? 'the tool'}`}>{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</pre></div>)}
        </details>
      )}
    </>
  )
}
