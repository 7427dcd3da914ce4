import type { TableData } from '../../charts/Figure'
import type { SQLAnswer } from '../../api/types'

export type ChartKind = 'table' | 'line' | 'bar'
export const kinds: readonly ChartKind[] = ['table', 'line', 'bar']

/** The kind that a parameter names. */
export function kindOf(text: string | null): ChartKind {
  return kinds.find((k) => k === text) ?? 'table'
}

/** A value as people read it; lists and objects as JSON. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'number') return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 1 ? 6 : 3 })
  if (typeof value === 'string') return value
  return JSON.stringify(value)
}

/** What a table and a CSV hold of a value: the number or text itself. */
function cell(value: unknown): string | number | null {
  if (value === null || value === undefined) return null
  return typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value)
}

export function tableOf(answer: SQLAnswer): TableData {
  return {
    head: answer.columns.map((c) => c.name),
    rows: answer.rows.map((row) => ({ cells: row.map(cell), shown: row.map(shown) })),
  }
}

/** Where a value leads: ids of conversations, people and events have pages. */
export function linkOf(column: string, value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  const id = encodeURIComponent(value)
  switch (column) {
    case 'conversation_id': return `/conversations/${id}`
    case 'user_id': return `/people/${id}`
    case 'event_id': return `/data/journey?id=${id}`
  }
  return undefined
}

export interface Drawing {
  labels: string[]
  series: { name: string; values: (number | null)[] }[]
}

const mostSeries = 5
const mostPoints = 2000

/** What a chart draws: the first column that is no number names the points, columns of numbers are the series. A
 *  sentence says why there is nothing to draw. */
export function drawingOf(answer: SQLAnswer): Drawing | string {
  const numeric = answer.columns.map((_, i) => answer.rows.some((r) => typeof r[i] === 'number') && answer.rows.every((r) => r[i] === null || typeof r[i] === 'number'))
  let label = numeric.indexOf(false)
  if (label < 0 && numeric.length > 1) label = 0
  const columns = answer.columns.map((_, i) => i).filter((i) => i !== label && numeric[i]).slice(0, mostSeries)
  if (answer.rows.length === 0) return 'The answer has no rows.'
  if (columns.length === 0) return 'A chart needs a column of numbers.'
  const rows = answer.rows.slice(0, mostPoints)
  return {
    labels: rows.map((r, i) => (label < 0 ? String(i + 1) : shortTime(shown(r[label])))),
    series: columns.map((i) => ({ name: answer.columns[i]?.name ?? '', values: rows.map((r) => (typeof r[i] === 'number' ? r[i] : null)) })),
  }
}

/** A time at midnight is its date. */
const shortTime = (text: string) => text.replace(/^(\d{4}-\d{2}-\d{2})T00:00:00Z$/, '$1').replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):00Z$/, '$1 $2')

export interface LineMarks {
  top: number
  bottom: number
  paths: string[]
  points: { x: number; y: number }[][] // of series so short that a line alone would not show them
}

/** Lines for a box of 1 × 1; a gap where there is no value. */
export function lineMarks(drawing: Drawing): LineMarks {
  const all = drawing.series.flatMap((s) => s.values).filter((v) => v !== null)
  const top = Math.max(0, ...all)
  const bottom = Math.min(0, ...all)
  const height = top - bottom || 1
  const step = drawing.labels.length > 1 ? 1 / (drawing.labels.length - 1) : 0
  const place = (v: number, i: number) => ({ x: drawing.labels.length > 1 ? i * step : 0.5, y: (top - v) / height })
  return {
    top, bottom,
    paths: drawing.series.map((s) => {
      let path = ''
      let open = false
      s.values.forEach((v, i) => {
        if (v === null) {
          open = false
          return
        }
        const { x, y } = place(v, i)
        path += `${open ? 'L' : 'M'}${round(x)} ${round(y)}`
        open = true
      })
      return path
    }),
    points: drawing.series.map((s) => (drawing.labels.length > 60 ? [] : s.values.flatMap((v, i) => (v === null ? [] : [place(v, i)])))),
  }
}

const round = (n: number) => Number(n.toFixed(5))

export const mostInAddress = 4000

/** The statement to begin with. */
export const example = `SELECT date_trunc('day', happened_at) AS day, count(*) AS conversations
FROM conversations
GROUP BY day
ORDER BY day`
