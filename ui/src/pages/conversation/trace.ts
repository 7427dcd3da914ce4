import type { Event } from '../../api/types'

/** What a trace adds to a transcript: which call made which message, and the spans around the calls. */
export interface Woven {
  made: ReadonlyMap<string, Event> // by the id of the message's event: the call that made it
  attached: ReadonlySet<string> // ids of calls that are shown with the message they made
  sent: ReadonlySet<string> // ids of messages that a client sent and a trace has, too
  spans: ReadonlyMap<string, Span[]> // by the id of the last event of a turn: the spans of that turn
}

/** One span in a waterfall: how deep it is, and where it lies in its turn, both from 0 to 1. */
export interface Span {
  event: Event
  depth: number
  start: number
  length: number
}

/** Whether a row stands for work around calls, or for something that is no copilot event: folded away. */
export const wraps = (e: Event) => (e.kind === 'generation' && !e.counts_usage) || (e.kind === 'product' && e.action === 'traced')

/** A call of a model. */
export const isCall = (e: Event) => e.kind === 'generation' && e.counts_usage === true

/** A question that was read off a call has the time of that call: it goes before all else of its instant. */
export function questionsFirst(events: readonly Event[]): readonly Event[] {
  const first = (e: Event) => (e.kind === 'message' && e.role === 'user' && e.derived_from ? 0 : 1)
  return events.map((event, i) => ({ event, i })).sort((a, b) => (a.event.occurred_at === b.event.occurred_at ? first(a.event) - first(b.event) : 0) || a.i - b.i).map(({ event }) => event)
}

/** Weaves the rows of traces into a transcript. Events are in the order of the conversation. */
export function weave(events: readonly Event[]): Woven {
  const made = new Map<string, Event>()
  const attached = new Set<string>()
  const messages = new Map<string, Event>()
  for (const e of events) if (e.kind === 'message' && e.role !== 'user' && e.message_id) messages.set(e.message_id, e)
  const bySpan = new Map(events.filter((e) => e.span_id && e.kind !== 'message').map((e) => [e.span_id as string, e]))

  for (const call of events.filter(isCall)) {
    const message = call.action === 'completed' ? messages.get(messageOf(call, bySpan, messages) ?? '') : undefined
    if (!message) continue
    const earlier = made.get(message.id)
    if (earlier) attached.delete(earlier.id) // the last call made the answer; those before stay lines of their own
    made.set(message.id, call)
    attached.add(call.id)
  }
  const sent = new Set(events.flatMap((e) => (e.repairs ?? []).flatMap((r) => (r.code === 'merged_message' && r.to ? [r.to] : []))))
  return { made, attached, sent, spans: spansOf(events) }
}

/** The message that a call, or the nearest span around it, says it made. */
function messageOf(call: Event, bySpan: ReadonlyMap<string, Event>, messages: ReadonlyMap<string, Event>): string | undefined {
  const seen = new Set<Event>()
  for (let at: Event | undefined = call; at && !seen.has(at); at = at.parent_span_id ? bySpan.get(at.parent_span_id) : undefined) {
    if (at.message_id && messages.has(at.message_id)) return at.message_id
    seen.add(at)
  }
  return undefined
}

/** The spans of each turn that has any around its calls. */
function spansOf(events: readonly Event[]): Map<string, Span[]> {
  const turns = new Map<string, Event[]>()
  for (const e of events) {
    const turn = e.trace_id ?? e.turn_id
    if (turn) turns.set(turn, [...(turns.get(turn) ?? []), e])
  }
  const out = new Map<string, Span[]>()
  for (const turn of turns.values()) {
    const last = turn.at(-1)
    if (last && turn.some(wraps)) out.set(last.id, waterfall(turn.filter((e) => e.kind !== 'message' && e.kind !== 'feedback')))
  }
  return out
}

/** Orders spans by parent, then by start, and places them on the length of all. */
export function waterfall(events: readonly Event[]): Span[] {
  const start = (e: Event) => Date.parse(e.occurred_at)
  const from = Math.min(...events.map(start))
  const whole = Math.max(...events.map((e) => start(e) + (e.latency_ms ?? 0))) - from || 1
  const ids = new Set(events.map((e) => e.span_id))
  const inside = new Map<string, Event[]>()
  for (const e of [...events].sort((a, b) => start(a) - start(b))) {
    // A record without a length belongs to the span that it names, not beside it.
    const parent = isRecord(e) ? e.span_id : e.parent_span_id
    const key = parent && ids.has(parent) && events.some((o) => o !== e && o.span_id === parent) ? parent : ''
    inside.set(key, [...(inside.get(key) ?? []), e])
  }
  const out: Span[] = []
  const seen = new Set<Event>()
  const walk = (key: string, depth: number) => {
    for (const event of inside.get(key) ?? []) {
      if (seen.has(event)) continue
      seen.add(event)
      out.push({ event, depth, start: (start(event) - from) / whole, length: (event.latency_ms ?? 0) / whole })
      if (event.span_id && !isRecord(event)) walk(event.span_id, depth + 1)
    }
  }
  walk('', 0)
  for (const event of events) if (!seen.has(event)) out.push({ event, depth: 0, start: (start(event) - from) / whole, length: (event.latency_ms ?? 0) / whole })
  return out
}

const isRecord = (e: Event) => e.source_event === 'log'

/** What a span is called. */
export function spanName(e: Event): string {
  const property = e.properties?.span_name
  if (typeof property === 'string' && property) return property
  if (e.kind === 'tool') return e.tool_name || e.tool_type || 'tool'
  return e.source_subtype || e.operation || e.source_event
}
