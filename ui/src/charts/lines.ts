/** A line through points at 0, 1, 2 …; a missing value is a gap. */
export function linePath(values: readonly (number | null)[], width: number, height: number, top: number): string {
  const step = values.length > 1 ? width / (values.length - 1) : 0
  let path = ''
  let pen = false
  values.forEach((v, i) => {
    if (v === null) {
      pen = false
      return
    }
    path += `${pen ? 'L' : 'M'}${round(i * step)},${round(height * (1 - v / top))}`
    pen = true
  })
  return path
}

/** The area between two lines, where both are known. */
export function bandPath(low: readonly (number | null)[], high: readonly (number | null)[], width: number, height: number, top: number): string {
  const step = low.length > 1 ? width / (low.length - 1) : 0
  const points = low.flatMap((l, i) => {
    const h = high[i]
    return l === null || h === null || h === undefined ? [] : [{ x: i * step, l, h }]
  })
  if (points.length < 2) return ''
  const y = (v: number) => round(height * (1 - Math.min(v, top) / top))
  return `M${points.map((p) => `${round(p.x)},${y(p.h)}`).join('L')}L${points.reverse().map((p) => `${round(p.x)},${y(p.l)}`).join('L')}Z`
}

const round = (value: number) => Math.round(value * 100) / 100
