import { useState } from 'preact/hooks'
import type { Event, Transcript } from '../../api/types'
import { Icon, type IconName } from '../../components/Icon'
import { Marks } from '../../components/Marks'
import { count, duration } from '../../format/number'
import { longDay, preciseTime, timeOfDay } from '../../format/time'
import { dayOf } from '../../state/day'
import { conversions, zone } from '../../state/workspace'
import { folded, itemsOf, type Note, roleName } from './transcript'

/** A conversation for reading. */
export function TranscriptView({ transcript, marks = false }: { transcript: Transcript; marks?: boolean }) {
  const items = itemsOf(transcript.events, (at) => dayOf(new Date(at), zone.value), conversions.value)
  return (
    <ol class="transcript">
      {items.map((item, i) => {
        switch (item.type) {
          case 'day': return <li key={i} class="divider"><span>{longDay(item.at, zone.value)}</span></li>
          case 'gap': return <li key={i} class="gap quiet">{duration(item.ms)} later</li>
          case 'message': return <Message key={item.event.id} event={item.event} marks={marks} />
          case 'note': return <NoteLine key={item.event.id} event={item.event} note={item.note} marks={marks} />
        }
      })}
      {transcript.truncated && <li class="notice">The transcript is cut here: the conversation has {count(transcript.conversation.events)} events. The export has all of them.</li>}
    </ol>
  )
}

function Message({ event, marks }: { event: Event; marks: boolean }) {
  const role = event.role ?? 'unknown'
  return (
    <li class={`message ${role}`} id={`event-${event.id}`}>
      <div class="who"><b>{roleName(event.role)}</b>{event.agent_name && <span>{event.agent_name}</span>}<time dateTime={event.occurred_at} title={preciseTime(event.occurred_at, zone.value)} class="num">{timeOfDay(event.occurred_at, zone.value)}</time></div>
      <Body event={event} />
      {marks && <Marks event={event} />}
    </li>
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

function NoteLine({ event, note, marks }: { event: Event; note: Note; marks: boolean }) {
  return (
    <li class={`note ${note.kind}`} id={`event-${event.id}`}>
      <Icon name={icons[note.kind]} />
      <span><b>{note.title}</b>{note.detail && <span class="quiet"> {note.detail}</span>}{note.quote && <q dir="auto">{note.quote}</q>}</span>
      <time dateTime={event.occurred_at} title={preciseTime(event.occurred_at, zone.value)} class="num quiet">{timeOfDay(event.occurred_at, zone.value)}</time>
      {marks && <Marks event={event} />}
    </li>
  )
}
