import type { Unit } from '../api/types'

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

const money = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' })
const cents = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumSignificantDigits: 2 })

/** What stands where there is no figure. */
export const none = '–'

export function count(n: number): string {
  return Number.isInteger(n) ? whole.format(n) : oneDigit.format(n)
}

/** A count where space is short: 12.4K from ten thousand on. */
export function shortCount(n: number): string {
  return Math.abs(n) < 10_000 ? count(n) : compact.format(n)
}

/** A share as percentage; small shares keep a digit. */
export function percent(share: number): string {
  const p = share * 100
  const digits = Math.abs(p) < 10 && !Number.isInteger(p) ? 1 : 0
  return `${p.toFixed(digits)} %`
}

/** A length of time, in the two largest units that matter. */
export function duration(ms: number): string {
  if (ms < 0) return `−${duration(-ms)}`
  if (ms > 0 && ms < 1) return '<1 ms'
  if (ms < 1000) return `${Math.round(ms)} ms`
  const s = ms / 1000
  if (s < 59.95) return `${s < 10 ? s.toFixed(1) : Math.round(s)} s`
  const total = Math.round(s)
  const [d, h, m] = [Math.floor(total / 86_400), Math.floor((total % 86_400) / 3600), Math.floor((total % 3600) / 60)]
  if (d > 0) return h > 0 ? `${d} d ${h} h` : `${d} d`
  if (h > 0) return m > 0 ? `${h} h ${m} min` : `${h} h`
  return total % 60 > 0 ? `${m} min ${total % 60} s` : `${m} min`
}

/** US dollars; below a dollar, where calls of models are, with the digits that tell them apart. */
export function dollars(value: number): string {
  return Math.abs(value) < 1 && value !== 0 ? cents.format(value) : money.format(value)
}

/** A figure in its unit. Scores are shown from 0 to 100. */
export function figure(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined) return none
  switch (unit) {
    case 'ratio': return percent(value)
    case 'score': return oneDigit.format(value * 100)
    case 'ms': return duration(value)
    case 'count': case 'chars': return shortCount(value)
    case 'rating': return oneDigit.format(value)
    case 'usd': return dollars(value)
  }
}

/** A score as it is shown, 0 to 100. */
export function score(value: number | null | undefined): string {
  return value === null || value === undefined ? none : whole.format(value * 100)
}

/** How a figure changed, for reading and for colour: direction is of the figure, good of its meaning. */
export interface Change {
  text: string
  direction: 'up' | 'down' | 'same'
  good: boolean | null
}

/** Words for a relative change. Null (nothing to compare with) gives null. */
export function change(relative: number | null | undefined, better: 'up' | 'down' | 'none'): Change | null {
  if (relative === null || relative === undefined) return null
  const p = Math.round(relative * 100)
  if (p === 0) return { text: '0 %', direction: 'same', good: null }
  const direction = p > 0 ? 'up' : 'down'
  const text = Math.abs(p) >= 1000 ? `×${oneDigit.format(relative + 1)}` : `${Math.abs(p)} %`
  return { text, direction, good: better === 'none' ? null : better === direction }
}

/** A size in bytes. */
export function bytes(n: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let i = 0
  while (n >= 1000 && i < units.length - 1) {
    n /= 1000
    i++
  }
  return `${i === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[i]}`
}

/** "1 conversation", "3,214 conversations". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`
}

/** A difference of figures, with its sign. Shares differ by points, so that nobody reads percent of percent. */
export function difference(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined) return none
  const sign = value > 0 ? '+' : value < 0 ? '−' : '±'
  const size = Math.abs(value)
  switch (unit) {
    case 'ratio': return `${sign}${oneDigit.format(size * 100)} pts`
    case 'score': return `${sign}${oneDigit.format(size * 100)}`
    default: return `${sign}${figure(size, unit)}`
  }
}

/** An interval of a difference: "−4.1 to +2 pts". */
export function differences(interval: readonly number[] | null | undefined, unit: Unit): string {
  if (!interval) return none
  const [lo, hi] = [difference(interval[0], unit), difference(interval[1], unit)]
  return `${lo.replace(/ pts$/, '')} to ${hi}`
}
