import { addDays, addMonths, type Day, daysBetween, isDay, isInstant } from './day'

/** What the person chose: a preset that moves with the clock, or two fixed bounds, half-open, each a day
 *  in the workspace's zone or an instant. */
export type Range = { preset: Preset } | { from: string; until: string }

export type Preset = 'today' | 'yesterday' | '7d' | '30d' | '90d' | '12m' | 'all'

/** Bounds as the API takes them; without a bound the range is open. */
export interface Bounds {
  from?: string
  until?: string
}

export const presets: readonly { preset: Preset; label: string; key: string }[] = [
  { preset: 'today', label: 'Today', key: 'd' },
  { preset: 'yesterday', label: 'Yesterday', key: 'e' },
  { preset: '7d', label: 'Last 7 days', key: 'w' },
  { preset: '30d', label: 'Last 30 days', key: 't' },
  { preset: '90d', label: 'Last 90 days', key: 'q' },
  { preset: '12m', label: 'Last 12 months', key: 'y' },
  { preset: 'all', label: 'All time', key: 'a' },
]

export const defaultRange: Range = { preset: '30d' }

/** Reads a range from a query string; what cannot be read is the default. */
export function parseRange(params: URLSearchParams): Range {
  const from = params.get('from') ?? ''
  const until = params.get('until') ?? ''
  if (readable(from) && readable(until) && Date.parse(from) < Date.parse(until)) return { from, until }
  const preset = presets.find((p) => p.preset === params.get('range'))
  return preset ? { preset: preset.preset } : defaultRange
}

const readable = (text: string) => isDay(text) || isInstant(text)

/** Writes a range into a query string; the default is not written. */
export function writeRange(range: Range, params: URLSearchParams): void {
  if (!('preset' in range)) {
    params.set('from', range.from)
    params.set('until', range.until)
  } else if (!sameRange(range, defaultRange)) {
    params.set('range', range.preset)
  }
}

export function sameRange(a: Range, b: Range): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** The bounds of a range, given what day it is in the zone. */
export function boundsOf(range: Range, today: Day): Bounds {
  if (!('preset' in range)) return range
  const tomorrow = addDays(today, 1)
  switch (range.preset) {
    case 'today': return { from: today, until: tomorrow }
    case 'yesterday': return { from: addDays(today, -1), until: today }
    case '7d': return { from: addDays(tomorrow, -7), until: tomorrow }
    case '30d': return { from: addDays(tomorrow, -30), until: tomorrow }
    case '90d': return { from: addDays(tomorrow, -90), until: tomorrow }
    case '12m': return { from: addMonths(tomorrow, -12), until: tomorrow }
    case 'all': return {}
  }
}

/** The range of the same length directly before (-1) or after (+1), whole months kept whole, as the API
 *  compares them. All time has no neighbours. */
export function shiftRange(range: Range, direction: 1 | -1, today: Day): Range {
  const { from, until } = boundsOf(range, today)
  if (!from || !until) return range
  if (isDay(from) && isDay(until)) {
    if ('preset' in range && range.preset === '12m') {
      return { from: addMonths(from, 12 * direction), until: addMonths(until, 12 * direction) }
    }
    const months = from.endsWith('-01') && until.endsWith('-01') ? monthsBetween(from, until) * direction : 0
    if (months) return { from: addMonths(from, months), until: addMonths(until, months) }
    const days = daysBetween(from, until) * direction
    return { from: addDays(from, days), until: addDays(until, days) }
  }
  const length = (Date.parse(until) - Date.parse(from)) * direction
  return { from: instant(Date.parse(from) + length), until: instant(Date.parse(until) + length) }
}

const monthsBetween = (from: Day, until: Day) => {
  const month = (day: Day) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7))
  return month(until) - month(from)
}

const instant = (ms: number) => new Date(ms).toISOString()

export type Period = 'hour' | 'day' | 'week' | 'month'

export const periods: readonly Period[] = ['hour', 'day', 'week', 'month']

/** The period that shows a range with a readable number of buckets. */
export function defaultPeriod({ from, until }: Bounds): Period {
  if (!from || !until) return 'week'
  const days = (Date.parse(until) - Date.parse(from)) / 86_400_000
  if (days <= 2) return 'hour'
  if (days <= 100) return 'day'
  return days <= 740 ? 'week' : 'month'
}

/** Whether cutting the range so gives more buckets than a chart or the API should bear. */
export function tooFine({ from, until }: Bounds, period: Period): boolean {
  if (!from || !until) return period === 'hour'
  const days = (Date.parse(until) - Date.parse(from)) / 86_400_000
  return period === 'hour' && days > 62
}

/** Whether a bucket is not over yet: its figure will still change. */
export function unfinished(start: string, period: Period, now: number): boolean {
  const { until } = bucketRange(start, period, {})
  const offset = start.slice(10).replace(/^T\d\d:\d\d(:\d\d(\.\d+)?)?/, '') || 'Z'
  return now < Date.parse(isDay(until) ? `${until}T00:00:00${offset}` : until)
}

/** The range of one bucket, cut at the bounds it was asked with, so that what it opens is what it counted.
 *  The API gives starts with the zone's offset, so their first ten characters are the day in the zone. */
export function bucketRange(start: string, period: Period, bounds: Bounds): { from: string; until: string } {
  const day = start.slice(0, 10)
  const [from, until] = period === 'hour' ? [start, instant(Date.parse(start) + 3_600_000)]
    : [day, period === 'day' ? addDays(day, 1) : period === 'week' ? addDays(day, 7) : addMonths(day, 1)]
  // A day stands for its midnight, by the offset at the start of the bucket.
  const offset = start.slice(10).replace(/^T\d\d:\d\d(:\d\d(\.\d+)?)?/, '') || 'Z'
  const at = (text: string) => Date.parse(isDay(text) ? `${text}T00:00:00${offset}` : text)
  return {
    from: bounds.from && at(bounds.from) > at(from) ? bounds.from : from,
    until: bounds.until && at(bounds.until) < at(until) ? bounds.until : until,
  }
}

/** The range that the API compared with, as it is shown: days where the range asked for has days. */
export function comparedWith(previous: { from: string | null; until: string | null }, asked: Bounds): Range {
  const { from, until } = previous
  if (!from || !until) return { preset: 'all' }
  const days = asked.from !== undefined && asked.until !== undefined && isDay(asked.from) && isDay(asked.until)
  return days ? { from: from.slice(0, 10), until: until.slice(0, 10) } : { from, until }
}
