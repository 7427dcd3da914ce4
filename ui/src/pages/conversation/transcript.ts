import type { Conversion, Event } from '../../api/types'
import { duration } from '../../format/number'
import { isCall, type Span, type Woven, wraps } from './trace'

/** One line of a transcript. */
export type Item =
  | { type: 'day'; at: string }
  | { type: 'gap'; ms: number }
  | { type: 'message'; event: Event; call?: Event }
  | { type: 'call'; event: Event }
  | { type: 'spans'; id: string; spans: readonly Span[] }
  | { type: 'note'; event: Event; note: Note }

/** What happened beside messages, in words. Texts of people stay what they are: text. */
export interface Note {
  kind: 'life' | 'tool' | 'component' | 'media' | 'feedback' | 'conversion' | 'other'
  title: string
  detail?: string
  quote?: string
}

const gapFrom = 5 * 60_000

/** Orders a conversation's events for reading: days, long gaps, messages with the calls that made them, and what
 *  happened between. Spans around calls are folded at the end of their turn. */
export function itemsOf(events: readonly Event[], dayOf: (at: string) => string, conversions: readonly Conversion[] = [], woven?: Woven): Item[] {
  const items: Item[] = []
  let before: Event | undefined
  const fold = (event: Event) => {
    const spans = woven?.spans.get(event.id)
    if (spans) items.push({ type: 'spans', id: event.id, spans })
  }
  for (const event of events) {
    if (woven && (wraps(event) || woven.attached.has(event.id))) {
      fold(event)
      continue
    }
    if (!before || dayOf(before.occurred_at) !== dayOf(event.occurred_at)) items.push({ type: 'day', at: event.occurred_at })
    const ms = before ? Date.parse(event.occurred_at) - Date.parse(before.occurred_at) : 0
    if (ms >= gapFrom) items.push({ type: 'gap', ms })
    items.push(event.kind === 'message' ? { type: 'message', event, call: woven?.made.get(event.id) }
      : isCall(event) ? { type: 'call', event }
        : { type: 'note', event, note: noteOf(event, conversions) })
    fold(event)
    before = event
  }
  return items
}

/** Says what an event other than a message was. */
export function noteOf(e: Event, conversions: readonly Conversion[]): Note {
  switch (e.kind) {
    case 'conversation': return { kind: 'life', title: `Conversation ${e.action}`, detail: e.reason && e.reason !== 'explicit' ? e.reason : undefined }
    case 'tool': return { kind: 'tool', title: e.tool_name || e.tool_type || 'Action', detail: join(e.tool_name ? e.tool_type : undefined, e.tool_ok === false ? join('failed', e.error_type) : undefined, permission(e), e.latency_ms === undefined ? undefined : duration(e.latency_ms)) }
    case 'artifact': return e.action === 'component_shown'
      ? { kind: 'component', title: e.artifact_type || 'Component', detail: 'shown' }
      : { kind: 'media', title: join(e.artifact_type, e.artifact_subtype) || 'Media', detail: e.action === 'media_requested' ? 'requested' : 'generated' }
    case 'feedback': return { kind: 'feedback', title: rating(e), detail: join(e.feedback_name, e.label, e.rater && e.rater !== 'user' ? `by the ${e.rater}` : undefined, e.scope === 'message' ? 'of an answer' : undefined), quote: e.comment || undefined }
    case 'conversion': return { kind: 'conversion', title: e.conversion_name || e.source_event, detail: money(e) }
  }
  const converts = conversions.some((c) => c.events.includes(e.source_event) && c.where.length === 0)
  if (converts) return { kind: 'conversion', title: e.source_event, detail: money(e) }
  const title = e.product_event || e.source_event
  return { kind: 'other', title: title || `${e.kind} ${e.action}`, detail: join(e.kind === 'product' ? undefined : e.action, e.value, money(e)) }
}

const join = (...parts: (string | undefined)[]) => parts.filter(Boolean).join(' · ') || undefined

function permission(e: Event): string | undefined {
  return e.permission_answer ? `permission ${e.permission_answer}` : undefined
}

function money(e: Event): string | undefined {
  return e.amount === undefined ? undefined : `${e.amount.toLocaleString('en')}${e.currency ? ` ${e.currency}` : ''}`
}

/** A rating as it was given, on its scale. */
export function rating(e: Event): string {
  if (e.rating_raw === undefined || e.rating_raw === '') return e.comment ? 'Comment' : 'Feedback'
  if (e.rating_min === 0 && e.rating_max === 1 && e.score !== undefined) return e.score >= 0.5 ? 'Thumb up' : 'Thumb down'
  const scale = e.rating_min !== undefined && e.rating_max !== undefined ? ` on ${e.rating_min}–${e.rating_max}` : ''
  return `Rated ${e.rating_raw}${scale}`
}

const roleNames: Record<string, string> = { user: 'User', agent: 'Copilot', human_agent: 'Human agent', system: 'System', tool: 'Tool' }

export const roleName = (role: string | undefined) => (role && roleNames[role]) || role || 'Unknown'

const foldChars = 1400
const foldLines = 18

/** The part of a long text that is shown at first; null if all of it is. */
export function folded(text: string): string | null {
  const lines = text.split('\n')
  if (text.length <= foldChars && lines.length <= foldLines) return null
  return [...lines.slice(0, foldLines).join('\n')].slice(0, foldChars).join('')
}
