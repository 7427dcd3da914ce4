import type { ComponentChildren } from 'preact'
import type { Conversation } from '../../api/types'
import { count, duration, none, score } from '../../format/number'
import { dateTime } from '../../format/time'
import { sourceNames, zone } from '../../state/workspace'

/** One column of the table of conversations. Those with a sort can be ordered by it. */
export interface Column {
  name: string
  title: string
  sort?: string
  right?: boolean
  cell: (c: Conversation) => ComponentChildren
}

const number = (name: keyof Conversation & string, title: string): Column => ({
  name, title, sort: name, right: true, cell: (c) => (typeof c[name] === 'number' && c[name] > 0 ? count(c[name]) : <span class="quiet">{c[name] === 0 ? '0' : none}</span>),
})

export const allColumns: readonly Column[] = [
  { name: 'at', title: 'Began', sort: 'at', cell: (c) => <span class="num">{dateTime(c.at, zone.value)}</span> },
  { name: 'person', title: 'Person', cell: (c) => c.person ?? <span class="quiet">unknown</span> },
  number('messages', 'Messages'),
  number('user_messages', 'By user'),
  { name: 'duration_ms', title: 'Lasted', sort: 'duration_ms', right: true, cell: (c) => (c.duration_ms === undefined ? none : duration(c.duration_ms)) },
  { name: 'first_response_ms', title: 'First answer', sort: 'first_response_ms', right: true, cell: (c) => (c.first_response_ms === undefined ? <span class="quiet">none</span> : duration(c.first_response_ms)) },
  { name: 'score', title: 'Score', sort: 'score', right: true, cell: (c) => <Score value={c.score} /> },
  { name: 'satisfaction', title: 'Satisfaction', sort: 'satisfaction', right: true, cell: (c) => <Score value={c.satisfaction} inferred={c.satisfaction_source === 'inferred'} /> },
  { name: 'outcome', title: 'Outcome', cell: (c) => c.outcome ?? none },
  { name: 'topic', title: 'Topic', cell: (c) => c.topic_name ?? c.topic ?? none },
  { name: 'sentiment', title: 'Sentiment', cell: (c) => c.sentiment ?? none },
  { name: 'signals', title: 'Signals', cell: (c) => c.signals?.map((s) => s.replaceAll('_', ' ')).join(', ') ?? none },
  { name: 'labels', title: 'Labels', cell: (c) => c.labels?.join(', ') ?? none },
  { name: 'language', title: 'Language', cell: (c) => c.language ?? none },
  number('actions', 'Actions'),
  number('components', 'Components'),
  number('media', 'Media'),
  number('feedback', 'Feedback'),
  { name: 'converted', title: 'Converted', cell: (c) => (c.converted ? 'yes' : <span class="quiet">no</span>) },
  { name: 'messages_to_conversion', title: 'Messages to conversion', right: true, cell: (c) => (c.messages_to_conversion === undefined ? none : count(c.messages_to_conversion)) },
  { name: 'ended', title: 'Ended', cell: (c) => (c.ended ? c.end_reason || 'yes' : <span class="quiet">no</span>) },
  { name: 'source', title: 'Source', cell: (c) => sourceNames.value.get(c.source) ?? c.source },
  { name: 'channel', title: 'Channel', cell: (c) => c.channel ?? none },
  { name: 'locale', title: 'Locale', cell: (c) => c.locale ?? none },
  { name: 'conversation_id', title: 'Id', cell: (c) => <code>{c.conversation_id}</code> },
]

export const defaultColumns: readonly string[] = ['at', 'person', 'messages', 'duration_ms', 'satisfaction', 'outcome', 'actions', 'components', 'source']

/** A score from 0 to 100, with a bar as long. One that nobody gave says that it is inferred. */
export function Score({ value, inferred = false }: { value: number | undefined; inferred?: boolean }) {
  if (value === undefined) return <span class="quiet">{none}</span>
  return <span class={`score ${inferred ? 'inferred' : ''}`} title={inferred ? 'Inferred from what was said and done; nobody rated' : undefined}>{inferred && '≈ '}{score(value)}<i aria-hidden="true"><b style={{ width: `${value * 100}%` }} /></i></span>
}
