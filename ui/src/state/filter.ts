/** A condition as the API writes it: [!]field:op:value|value. Only eq takes several values; in them a bar
 *  and a backslash are written with a backslash before. */
export interface Filter {
  field: string
  op: Op
  values: string[]
  not: boolean
}

export type Op = 'eq' | 'lt' | 'lte' | 'gt' | 'gte' | 'contains' | 'exists'

const ops: readonly Op[] = ['eq', 'lt', 'lte', 'gt', 'gte', 'contains', 'exists']

/** Reads a condition; null if it is none. */
export function parseFilter(text: string): Filter | null {
  const not = text.startsWith('!')
  const [field = '', op = '', ...rest] = (not ? text.slice(1) : text).split(':')
  if (field === '' || !isOp(op)) return null
  const value = rest.join(':')
  if (op === 'exists') return { field, op, values: [], not }
  return { field, op, values: op === 'eq' ? splitValues(value) : [value], not }
}

const isOp = (text: string): text is Op => (ops as readonly string[]).includes(text)

/** Writes a condition as the API reads it. */
export function writeFilter(f: Filter): string {
  const head = `${f.not ? '!' : ''}${f.field}:${f.op}`
  if (f.op === 'exists') return head
  return `${head}:${f.op === 'eq' ? f.values.map(escapeValue).join('|') : (f.values[0] ?? '')}`
}

const escapeValue = (value: string) => value.replace(/[\\|]/g, '\\$&')
const unescapeValue = (value: string) => value.replace(/\\([\\|])/g, '$1')

function splitValues(text: string): string[] {
  const values = text.match(/(?:\\[\\|]|[^|])+|(?<=^|\|)(?=\||$)/g) ?? ['']
  return values.map(unescapeValue)
}

/** The condition that a field has this value; that it has none, for null. */
export function fieldIs(field: string, value: string | null): Filter {
  return value === null
    ? { field, op: 'exists', values: [], not: true }
    : { field, op: 'eq', values: [value], not: false }
}

export const fieldExists = (field: string): Filter => ({ field, op: 'exists', values: [], not: false })

export function sameFilter(a: Filter, b: Filter): boolean {
  return writeFilter(a) === writeFilter(b)
}

/** The list with the condition added, or removed if it was there. */
export function toggleFilter(list: readonly Filter[], f: Filter): Filter[] {
  const without = list.filter((other) => !sameFilter(other, f))
  return without.length < list.length ? without : [...list, f]
}

const labels: Record<string, string> = {
  source: 'Source', user_id: 'User', anonymous_id: 'Anonymous id', person: 'Person', session_id: 'Session',
  agent_id: 'Agent', channel: 'Channel', locale: 'Locale', mode: 'Mode', group_id: 'Group', title: 'Title',
  tool_name: 'Action', tool_type: 'Action type', artifact_type: 'Component or media', artifact_subtype: 'Format',
  source_event: 'Event', vocabulary: 'Vocabulary', kind: 'Kind', action: 'What happened', score: 'Score',
  converted: 'Converted', messages: 'Messages', user_messages: 'User messages', agent_messages: 'Copilot messages',
  human_agent_messages: 'Human agent messages', feedback: 'Feedback', rated: 'Ratings', actions: 'Actions',
  components: 'Components', media: 'Media', ended: 'Ended', started: 'Started', end_reason: 'End reason',
  weekday: 'Weekday', hour_of_day: 'Hour', body: 'Text', conversation_id: 'Conversation', repair: 'Repair',
  violation: 'Violation', duration_ms: 'Duration', first_response_ms: 'First response',
  messages_to_conversion: 'Messages to conversion', product_event: 'Product event',
  outcome: 'Outcome', topic: 'Topic', topic_group: 'Topic group', signal: 'Signal', label: 'Label', sentiment: 'Sentiment', emotion: 'Emotion',
  language: 'Language', satisfaction: 'Satisfaction', satisfaction_source: 'Satisfaction from', satisfaction_band: 'Satisfaction',
  implied_satisfaction: 'Implied satisfaction', predicted_rating: 'Predicted rating', goal_reached: 'Goal reached', quality: 'Quality',
  dissatisfied_turns: 'Dissatisfied turns', injection_attempts: 'Injection attempts', refusals: 'Refusals', failed_answers: 'Failed answers',
  bad_answers: 'Bad answers', model: 'Model', cost_usd: 'Cost',
}

/** What people call a field. A property goes by its path. */
export function fieldLabel(field: string): string {
  const known = labels[field]
  if (known) return known
  const path = field.replace(/^(number\.)?properties\./, '')
  return path === field ? field.replaceAll('_', ' ') : path
}

/** What people call a field, within a sentence. */
export const fieldInWords = (field: string): string => labels[field]?.toLowerCase() ?? fieldLabel(field)

const weekdays = ['', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** What people call a value of a field; names may give the name of a source or topic for its id. */
export function valueLabel(field: string, value: string | null, names?: ReadonlyMap<string, string>): string {
  if (value === null) return 'none'
  if (value === '') return '(empty)'
  if (field === 'source' || field === 'topic' || field === 'topic_group') return names?.get(value) ?? value
  if (field === 'weekday') return weekdays[Number(value)] ?? value
  if (field === 'hour_of_day') return `${value.padStart(2, '0')}:00`
  if (value === 'true') return 'yes'
  if (value === 'false') return 'no'
  return value
}

const words: Record<Op, [string, string]> = {
  eq: ['is', 'is not'], lt: ['<', 'not <'], lte: ['≤', 'not ≤'], gt: ['>', 'not >'], gte: ['≥', 'not ≥'],
  contains: ['contains', 'does not contain'], exists: ['is known', 'is not known'],
}

/** A condition as a phrase, in parts: what, how, which. */
export function phrase(f: Filter, names?: ReadonlyMap<string, string>): { field: string; word: string; value: string } {
  return {
    field: fieldLabel(f.field),
    word: words[f.op][f.not ? 1 : 0],
    value: f.values.map((v) => valueLabel(f.field, v, names)).join(' or '),
  }
}

/** The one source that the view is narrowed to; undefined for all, and for other conditions on sources. */
export const onlySource = (filters: readonly Filter[]): string | undefined =>
  filters.find((f) => f.field === 'source' && f.op === 'eq' && !f.not && f.values.length === 1)?.values[0]
