import type { Retention, ReturnPoint } from '../../api/types'
import { shade } from '../../charts/scale'
import type { TableRow } from '../../charts/Figure'
import { count, none, percent } from '../../format/number'

/** Below so many members a rate says little. */
export const smallGroup = 20

/** One cell of the triangle. What is not over yet still grows. */
export interface Cell {
  k: number
  n: number
  rate: number
  over: boolean
  shade: number // 0 … shades
}

export interface Row {
  start: string
  size: number
  small: boolean
  cells: Cell[]
}

export const shades = 5

/** The triangle: a row for each cohort, a cell for each period that has begun. */
export function triangle(cohorts: Retention['cohorts']): Row[] {
  return cohorts.map((c) => ({
    start: c.start, size: c.size, small: c.size < smallGroup,
    cells: c.returned.map((n, k) => {
      const rate = c.size > 0 ? n / c.size : 0
      return { k, n, rate, over: k < c.complete, shade: shade(rate, 1, shades) }
    }),
  }))
}

/** How many periods the triangle has: a row may have fewer. */
export const periodsOf = (cohorts: Retention['cohorts']): number => Math.max(0, ...cohorts.map((c) => c.returned.length))

/** The triangle as rows of a table; cells of periods that are not over are marked with "so far". */
export function triangleRows(cohorts: Retention['cohorts'], label: (start: string) => string): TableRow[] {
  const periods = periodsOf(cohorts)
  return triangle(cohorts).map((row) => {
    const cells = Array.from({ length: periods }, (_, k) => row.cells[k])
    return {
      cells: [row.start, row.size, ...cells.map((c) => (c === undefined ? null : c.over ? c.n : `${c.n} so far`))],
      shown: [label(row.start), count(row.size), ...cells.map((c) => (c === undefined ? '' : `${count(c.n)}${c.over ? '' : ' so far'}`))],
    }
  })
}

/** A curve to draw: null where no cohort is so old. */
export interface Curve {
  label: string
  size: number
  small: boolean
  points: readonly ReturnPoint[]
}

export function curves(data: Retention, label: (key: string | null) => string): Curve[] {
  const size = data.cohorts.reduce((n, c) => n + c.size, 0)
  return [
    { label: 'All', size, small: size < smallGroup, points: data.curve },
    ...data.groups.map((g) => ({ label: g.label ?? label(g.key), size: g.size, small: g.size < smallGroup, points: g.curve })),
  ]
}

export const curveHead = ['Group', 'Periods later', 'Returned', 'Of', 'Rate', 'At least', 'At most']

/** The curves as rows of a table. */
export function curveRows(list: readonly Curve[]): TableRow[] {
  const share = (value: number | null | undefined) => (value === null || value === undefined ? none : percent(value))
  return list.flatMap((c) => c.points.filter((p) => p.eligible > 0).map((p) => ({
    cells: [c.label, p.k, p.returned, p.eligible, p.rate, p.interval?.[0] ?? null, p.interval?.[1] ?? null],
    shown: [c.small ? `${c.label} (small)` : c.label, String(p.k), count(p.returned), count(p.eligible), share(p.rate), share(p.interval?.[0]), share(p.interval?.[1])],
  })))
}
