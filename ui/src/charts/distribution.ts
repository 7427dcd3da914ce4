/** One bar of a distribution over whole numbers; the last may stand for all from its value on. */
export interface Bin { value: number; andMore: boolean; n: number; share: number; cumulative: number }

/** Makes bars of groups keyed by a number: every number up to the largest, at most `most` of them. */
export function distribution(groups: readonly { keys: readonly (string | null)[]; n: number }[], most = 24): Bin[] {
  const counts = new Map<number, number>()
  for (const g of groups) {
    const key = g.keys[0]
    if (key !== null && key !== undefined && Number.isFinite(Number(key))) counts.set(Number(key), (counts.get(Number(key)) ?? 0) + g.n)
  }
  if (counts.size === 0) return []
  const [low, high] = [Math.min(...counts.keys()), Math.max(...counts.keys())]
  const total = [...counts.values()].reduce((a, b) => a + b, 0)
  const bins: Bin[] = []
  let sum = 0
  for (let value = low; value <= high && bins.length < most; value++) {
    const andMore = bins.length === most - 1 && value < high
    let n = 0
    for (const [key, count] of counts) if (key === value || (andMore && key > value)) n += count
    sum += n
    bins.push({ value, andMore, n, share: n / total, cumulative: sum / total })
  }
  return bins
}

/** The curve of cumulative shares over bars of equal width, as an SVG path in a box. */
export function cumulativePath(bins: readonly Bin[], width: number, height: number): string {
  const step = width / Math.max(1, bins.length)
  return bins.map((b, i) => `${i === 0 ? 'M' : 'L'}${round((i + 0.5) * step)},${round(height * (1 - b.cumulative))}`).join('')
}

const round = (value: number) => Math.round(value * 100) / 100
