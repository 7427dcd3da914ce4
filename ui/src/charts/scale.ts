/** Round numbers from 0 to at least max, for an axis: at most `most` steps. */
export function ticks(max: number, most = 4): number[] {
  if (!(max > 0)) return [0, 1]
  const rough = max / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999_999) ?? 10 * power
  const out: number[] = []
  for (let i = 0; i <= Math.ceil(max / step - 1e-9); i++) out.push(Number((i * step).toPrecision(12)))
  return out
}

/** Which of `levels` shades a value has: 0 for nothing, `levels` for the largest. */
export function shade(value: number, max: number, levels: number): number {
  if (value <= 0 || max <= 0) return 0
  return Math.min(levels, Math.max(1, Math.ceil((value / max) * levels)))
}
