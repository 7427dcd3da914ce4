import type { Annotation } from '../../api/types'
import type { TimeMark } from '../../charts/TimeSeries'

/** The keys of annotations in their order: 1, 2, 3 … */
export const keyOf = (i: number): string => String(i + 1)

/** Where annotations lie among the buckets of a chart; those outside are left out. end is where the last ends. */
export function timeMarks(list: readonly Annotation[], starts: readonly string[], end: string | undefined): TimeMark[] {
  const times = starts.map((s) => Date.parse(s))
  const last = times.at(-1)
  if (last === undefined) return []
  const step = times.length > 1 ? last - (times[times.length - 2] ?? last) : 86_400_000
  const until = Math.max(last + step, end ? Date.parse(end) : 0)
  return list.flatMap((a, i) => {
    const t = Date.parse(a.at)
    if (t < (times[0] ?? 0) || t >= until) return []
    const bucket = times.findLastIndex((s) => s <= t)
    const from = times[bucket] ?? 0
    const next = times[bucket + 1] ?? from + step
    return [{ at: Math.min(bucket + (t - from) / (next - from), times.length - 1), key: keyOf(i) }]
  })
}
