/** The marks of a sparkline: a path for every run of values without a gap, and where the last value is. */
export interface Spark {
  line: string
  area: string
  last: { x: number; y: number } | null
}

/** Draws values from left to right in a box. The axis starts at zero unless all values lie in a narrow
 *  band above it; a missing value leaves a gap. */
export function spark(values: readonly (number | null)[], width: number, height: number, pad = 2): Spark {
  const known = values.filter((v) => v !== null)
  if (known.length === 0) return { line: '', area: '', last: null }
  const max = Math.max(...known)
  const min = Math.min(...known)
  const floor = min > max * 0.6 ? min - (max - min || max || 1) * 0.35 : Math.min(0, min)
  const span = max - floor || 1
  const x = (i: number) => round(values.length === 1 ? width / 2 : pad + (i / (values.length - 1)) * (width - 2 * pad))
  const y = (v: number) => round(height - pad - ((v - floor) / span) * (height - 2 * pad))

  let line = ''
  let area = ''
  let last: Spark['last'] = null
  for (const run of runs(values)) {
    const points = run.map(({ i, v }) => `${x(i)},${y(v)}`)
    const first = run[0]
    const end = run.at(-1)
    if (!first || !end) continue
    line += `M${points.join('L')}`
    if (run.length === 1) line += 'h0.01'
    else area += `M${x(first.i)},${height}L${points.join('L')}L${x(end.i)},${height}Z`
    last = { x: x(end.i), y: y(end.v) }
  }
  return { line, area, last }
}

const round = (n: number) => Math.round(n * 100) / 100

/** Splits values at the missing ones. */
function runs(values: readonly (number | null)[]): { i: number; v: number }[][] {
  const out: { i: number; v: number }[][] = []
  let run: { i: number; v: number }[] = []
  values.forEach((v, i) => {
    if (v !== null) run.push({ i, v })
    else if (run.length > 0) {
      out.push(run)
      run = []
    }
  })
  if (run.length > 0) out.push(run)
  return out
}
