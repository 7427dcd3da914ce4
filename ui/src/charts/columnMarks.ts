/** One column of a chart, in the units of its box. */
export interface Column {
  x: number
  width: number
  parts: { y: number; height: number }[]
}

/** Draws stacked columns: the first value of each stack lies lowest. `top` is the value at the upper edge. */
export function columns(stacks: readonly (readonly number[])[], width: number, height: number, top: number): Column[] {
  const step = width / Math.max(1, stacks.length)
  const gap = step > 6 ? Math.min(2, step * 0.2) : step > 3 ? 0.5 : 0
  return stacks.map((stack, i) => {
    let below = 0
    return {
      x: i * step + gap / 2,
      width: Math.max(0.5, step - gap),
      parts: stack.map((value) => {
        const h = top > 0 ? (value / top) * height : 0
        below += h
        return { y: height - below, height: value > 0 ? Math.max(1, h) : 0 }
      }),
    }
  })
}

/** Which of n equal columns lies under x. */
export function columnAt(x: number, width: number, n: number): number {
  return Math.min(n - 1, Math.max(0, Math.floor((x / width) * n)))
}
