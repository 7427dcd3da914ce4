import type { MetricAnswer } from '../../api/types'
import { count, percent, plural } from '../../format/number'
import { fieldExists, fieldIs, type Filter } from '../../state/filter'

/** One figure of the overview, and the conversations that it opens. */
export interface TileSpec {
  metric: string
  label: string
  stat?: 'median'
  filters: readonly Filter[]
  sort?: string
  /** What its figure is made of, by a field of conversations. */
  made?: 'satisfaction_source'
  /** What is shown in its place while nothing is known. */
  otherwise?: TileSpec
}

const atLeastOne = (field: string): Filter => ({ field, op: 'gt', values: ['0'], not: false })

export const tiles: readonly TileSpec[] = [
  { metric: 'conversations', label: 'Conversations', filters: [] },
  { metric: 'active_users', label: 'Active users', filters: [fieldExists('user_id')] },
  { metric: 'messages_per_conversation', label: 'Messages per conversation', stat: 'median', filters: [atLeastOne('messages')], sort: 'messages' },
  { metric: 'resolved_rate', label: 'Resolved', filters: [{ field: 'outcome', op: 'eq', values: ['resolved', 'converted'], not: false }] },
  { metric: 'overall_satisfaction', label: 'Satisfaction', filters: [fieldExists('satisfaction')], made: 'satisfaction_source' },
  { metric: 'conversion_rate', label: 'Conversion', filters: [fieldIs('converted', 'true')] },
  { metric: 'messages_to_conversion', label: 'Messages to conversion', stat: 'median', filters: [fieldIs('converted', 'true')] },
  {
    metric: 'cost_per_resolved', label: 'Cost per resolved', filters: [fieldExists('cost_usd')], sort: 'cost_usd',
    otherwise: { metric: 'first_response_time', label: 'First response', stat: 'median', filters: [fieldExists('first_response_ms')], sort: 'first_response_ms' },
  },
]

const withMessages = atLeastOne('messages')
const none = (field: string) => fieldIs(field, '0')

/** What metrics that have no tile open: of those that count conversations, exactly what they count. */
const opened: Record<string, readonly Filter[]> = {
  actions: [atLeastOne('actions')],
  components: [atLeastOne('components')],
  media: [atLeastOne('media')],
  messages: [withMessages],
  message_length: [withMessages],
  user_messages: [atLeastOne('user_messages')],
  agent_messages: [atLeastOne('agent_messages')],
  user_messages_per_conversation: [withMessages],
  agent_messages_per_conversation: [withMessages],
  duration: [fieldExists('duration_ms')],
  conversations_ended: [fieldIs('ended', 'true')],
  conversations_with_feedback: [atLeastOne('feedback')],
  conversations_without_agent_message: [withMessages, none('agent_messages'), none('human_agent_messages')],
  conversations_without_user_message: [withMessages, none('user_messages')],
  single_message_conversations: [fieldIs('messages', '1')],
  conversions: [fieldIs('converted', 'true')],
  converted_conversations: [fieldIs('converted', 'true')],
  rating: [atLeastOne('rated')],
  users: [fieldExists('user_id')],
  new_users: [fieldExists('user_id')],
  returning_users: [fieldExists('user_id')],
}

/** The conversations behind a metric of any name. */
export function filtersOf(metric: string): readonly Filter[] {
  const known = tiles.find((t) => t.metric === metric)
  if (known) return known.filters
  return opened[metric] ?? []
}

/** Satisfaction is never said without where it comes from: rated, inferred, or no sign at all. */
export function sources(answer: MetricAnswer): string {
  const all = answer.total.value ?? 0
  if (all === 0) return 'no conversations'
  const of = (source: string | null) => answer.groups.find((g) => g.keys[0] === source)?.value ?? 0
  return `${percent(of('rated') / all)} rated · ${percent(of('inferred') / all)} inferred · ${percent(of(null) / all)} no signal`
}

/** What a figure rests on, in a few words; never silent about what is not known. */
export function basis(answer: MetricAnswer): string {
  const { metric, stat, total } = answer
  if (total.value === null) return metric.name === 'satisfaction' ? 'none rated' : 'nothing to measure'
  const middle = stat === 'median' ? 'median of ' : ''
  if (metric.name === 'resolved_rate') return `${count(Math.round(total.value * total.n))} of ${count(total.n)} analysed`
  if (total.coverage !== null) return `${percent(total.coverage)} rated · ${count(total.n)} of ${count(Math.round(total.n / (total.coverage || 1)))}`
  switch (metric.name) {
    case 'conversion_rate': return `${count(Math.round(total.value * total.n))} of ${plural(total.n, 'conversation')}`
    case 'messages_to_conversion': return `${middle}${count(total.n)} converted`
    case 'messages_per_conversation': return `${middle}${plural(total.n, 'conversation')}`
    case 'first_response_time': return `${middle}${count(total.n)} answered`
  }
  return ''
}
