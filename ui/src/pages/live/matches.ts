import type { Arrival } from '../../api/live'

/** Whether something that came in is to be shown: it holds the text, and is of the kind chosen ("", "odd",
 *  "rejected"). What was missed is always said. */
export function matches(a: Arrival, text: string, only: string): boolean {
  if (a.type === 'missed') return true
  if (only === 'rejected' && a.type !== 'rejection') return false
  if (only === 'odd' && a.type === 'event' && !a.event.repairs?.length && !a.event.violations?.length) return false
  const parts = a.type === 'rejection'
    ? [a.rejection.code, a.rejection.message, a.rejection.call]
    : [a.event.source_event, a.event.id, a.event.conversation_id, a.event.user_id, a.event.anonymous_id, a.event.body, ...(a.event.violations ?? [])]
  const wanted = text.trim().toLowerCase()
  return wanted === '' || parts.some((p) => p?.toLowerCase().includes(wanted))
}
