import { addDays, daysBetween, isDay } from '../state/day'
import { presets, type Period, type Range } from '../state/range'

const formats = new Map<string, Intl.DateTimeFormat>()

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options)
  let f = formats.get(key)
  if (!f) {
    f = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options })
    formats.set(key, f)
  }
  return f
}

/** Writes an instant. British dates shorten September to four letters, every other month to three. */
const write = (zone: string, options: Intl.DateTimeFormatOptions, at: Date) => format(zone, options).format(at).replace(/Sept\b/, 'Sep')

const date = { day: 'numeric', month: 'short' } as const
const clock = { hour: '2-digit', minute: '2-digit' } as const

/** "14:05" */
export const timeOfDay = (at: string, zone: string) => write(zone, clock, new Date(at))

/** "14:05:09.120": for lists of events, where order shows. */
export function preciseTime(at: string, zone: string): string {
  const millis = new Date(at).getUTCMilliseconds().toString().padStart(3, '0')
  return `${write(zone, { ...clock, second: '2-digit' }, new Date(at))}.${millis}`
}

/** "31 Mar" */
export const shortDay = (at: string, zone: string) => write(zone, date, new Date(at))

/** "Tuesday 31 March 2026" */
export const longDay = (at: string, zone: string) =>
  write(zone, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }, new Date(at)).replace(',', '')

/** "31 Mar, 14:05", with the year when it is not this one. */
export function dateTime(at: string, zone: string, now = new Date()): string {
  const year = format(zone, { year: 'numeric' })
  const other = year.format(new Date(at)) !== year.format(now)
  return write(zone, { ...date, ...(other ? { year: 'numeric' } : {}), ...clock }, new Date(at))
}

/** "3 min ago"; dates from a week on. */
export function ago(at: string, zone: string, now = new Date()): string {
  const s = Math.round((now.getTime() - Date.parse(at)) / 1000)
  if (s < 5) return 'just now'
  if (s < 60) return `${s} s ago`
  if (s < 3600) return `${Math.floor(s / 60)} min ago`
  if (s < 86_400) return `${Math.floor(s / 3600)} h ago`
  if (s < 7 * 86_400) return `${Math.floor(s / 86_400)} d ago`
  return dateTime(at, zone, now)
}

/** The label of a bucket: what it covers, as short as is clear. */
export function bucketLabel(start: string, period: Period, zone: string): string {
  switch (period) {
    case 'hour': return write(zone, { ...date, ...clock }, new Date(start))
    case 'day': return write(zone, { weekday: 'short', ...date }, new Date(start)).replace(',', '')
    case 'week': return `Week of ${shortDay(start, zone)}`
    case 'month': return write(zone, { month: 'long', year: 'numeric' }, new Date(start))
  }
}

/** The label of a chosen range: a preset's name, or its days or times. */
export function rangeLabel(range: Range, zone: string): string {
  if ('preset' in range) return presets.find((p) => p.preset === range.preset)?.label ?? range.preset
  if (isDay(range.from) && isDay(range.until)) return dayRange(range.from, range.until)
  const at = (text: string) => (isDay(text) ? write('UTC', date, new Date(text)) : dateTime(text, zone))
  return `${at(range.from)} – ${at(range.until)}`
}

/** Half-open days as people say them: the last is included. */
function dayRange(from: string, until: string): string {
  const last = addDays(until, -1)
  const say = (day: string, year: boolean) => write('UTC', { ...date, ...(year ? { year: 'numeric' } : {}) }, new Date(day))
  if (daysBetween(from, until) === 1) return say(from, true)
  return `${say(from, from.slice(0, 4) !== last.slice(0, 4))} – ${say(last, true)}`
}

/** The zone as people know it: "Europe/Paris (GMT+2)". */
export function zoneLabel(zone: string, now = new Date()): string {
  const offset = format(zone, { timeZoneName: 'shortOffset' }).formatToParts(now).find((p) => p.type === 'timeZoneName')?.value
  return !offset || offset === zone || zone === 'UTC' ? zone : `${zone.replaceAll('_', ' ')} (${offset})`
}
