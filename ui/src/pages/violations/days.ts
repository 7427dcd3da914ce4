import type { ViolationGroup } from '../../api/types'
import { addDays, type Day, daysBetween } from '../../state/day'

const most = 120

/** Counts for each day of the range, zeros too; without bounds, from the first day that has any. At most the last 120 days. */
export function daily(series: ViolationGroup['series'], from: Day | undefined, until: Day | undefined): number[] {
  const counts = new Map(series.map((p) => [p.day, p.count]))
  const days = [...counts.keys()].sort()
  const end = until?.slice(0, 10) ?? (days.length > 0 ? addDays(days.at(-1) as Day, 1) : undefined)
  const begin = from?.slice(0, 10) ?? days[0]
  if (begin === undefined || end === undefined) return []
  const length = Math.max(1, daysBetween(begin, end))
  const skip = Math.max(0, length - most)
  return Array.from({ length: length - skip }, (_, i) => counts.get(addDays(begin, i + skip)) ?? 0)
}
