/** A difference with its interval, to be drawn on an axis that several rows share. */
export interface IntervalRow {
  value: number | null
  interval: readonly [number, number] | null
}

export interface IntervalMark {
  zero: number // all in parts of the width, 0 to 1
  lo: number
  hi: number
  value: number
}

/** The axis on which all rows fit, with 0 on it; symmetric padding of a twentieth. Null when nothing is known. */
export function domainOf(rows: readonly IntervalRow[]): readonly [number, number] | null {
  const ends = rows.flatMap((r) => [...(r.interval ?? []), ...(r.value === null ? [] : [r.value])])
  if (ends.length === 0) return null
  const lo = Math.min(0, ...ends)
  const hi = Math.max(0, ...ends)
  const pad = (hi - lo) / 20 || 1
  return [lo - pad, hi + pad]
}

/** Where a row lies on the axis; null without an interval. */
export function intervalMark(row: IntervalRow, domain: readonly [number, number]): IntervalMark | null {
  if (row.value === null || row.interval === null) return null
  const at = (x: number) => (x - domain[0]) / (domain[1] - domain[0])
  return { zero: at(0), lo: at(row.interval[0]), hi: at(row.interval[1]), value: at(row.value) }
}

/** Whether the interval leaves 0 out, and on which side. */
export function side(interval: readonly [number, number] | null): 'above' | 'below' | 'around' {
  if (interval && interval[0] > 0) return 'above'
  if (interval && interval[1] < 0) return 'below'
  return 'around'
}
