import type { Arrival } from '../../api/live'
import type { Event } from '../../api/types'
import { faults } from '../../format/repairs'

/** What is to be shown of what came in. only is "", "ok", "repaired", "violation", "rejected", or "odd" for any remark. */
export interface Wanted {
  text: string
  only: string
  event?: string
  spans?: boolean // false: without spans and logs
}

/** Whether an event is a span or log, or stands for nothing that a copilot did. Messages read off a trace are none. */
export const technical = (e: Event) => e.kind !== 'message' && (e.source_event === 'span' || e.source_event === 'log' || (e.kind === 'product' && e.action === 'traced'))

/** What validation said of an event, the worst first. */
export function markOf(e: Event): 'violation' | 'repaired' | 'ok' {
  return e.violations?.length ? 'violation' : faults(e).length > 0 ? 'repaired' : 'ok'
}

/** Whether something that came in is to be shown. What was missed is always said. */
export function matches(a: Arrival, { text, only, event = '', spans = true }: Wanted): boolean {
  if (a.type === 'missed') return true
  if (a.type === 'event') {
    const mark = markOf(a.event)
    if (only !== '' && only !== mark && !(only === 'odd' && mark !== 'ok')) return false
    if (event !== '' && a.event.source_event !== event) return false
    if (!spans && technical(a.event)) return false
  } else if ((only !== '' && only !== 'rejected' && only !== 'odd') || event !== '') return false
  const parts = a.type === 'rejection'
    ? [a.rejection.code, a.rejection.message, a.rejection.call]
    : [a.event.source_event, a.event.id, a.event.conversation_id, a.event.user_id, a.event.anonymous_id, a.event.body, ...(a.event.violations ?? [])]
  const wanted = text.trim().toLowerCase()
  return wanted === '' || parts.some((p) => p?.toLowerCase().includes(wanted))
}

/** What is shown with what came in, the newest first, no more than most. A row that came again, as its trace was joined or a
 *  plan was mended, takes the place of what it was. */
export function joined(shown: readonly Arrival[], arrived: readonly Arrival[], most: number): Arrival[] {
  const again = new Map<string, Arrival>()
  for (const a of [...arrived].reverse()) if (a.type === 'event') again.set(a.event.id, a)
  const kept = shown.map((a) => {
    const newer = a.type === 'event' ? again.get(a.event.id) : undefined
    if (newer && a.type === 'event') again.delete(a.event.id)
    return newer ?? a
  })
  const fresh = arrived.filter((a) => a.type !== 'event' || again.get(a.event.id) === a)
  return [...fresh, ...kept].slice(0, most)
}
