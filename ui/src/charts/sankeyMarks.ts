/** What flows: nodes at steps, and links from one to a later one. */
export interface FlowNode { id: string; step: number; n: number }
export interface FlowLink { from: string; to: string; n: number }

/** A node as a box, and a link as a ribbon: the path of its middle line, and how thick it is. */
export interface NodeMark<N> { node: N; x: number; y: number; width: number; height: number; first: boolean; last: boolean }
export interface LinkMark<L> { link: L; path: string; width: number }

interface Place<N> { node: N; column: number; y: number; height: number; rank: number }

/** Lays out a diagram of flows: each step is a column, nodes are as high as they are frequent, and are ordered so
 *  that ribbons cross little. All columns have the same scale. */
export function sankey<N extends FlowNode, L extends FlowLink>(nodes: readonly N[], links: readonly L[], width: number, height: number, box = 10, gap = 10):
{ nodes: NodeMark<N>[]; links: LinkMark<L>[] } {
  const steps = [...new Set(nodes.map((n) => n.step))].sort((a, b) => a - b)
  const columns: Place<N>[][] = steps.map((step, column) =>
    nodes.filter((n) => n.step === step).map((node, rank) => ({ node, column, rank, y: 0, height: 0 })))
  const scale = Math.min(...columns.map((c) => Math.max(1, height - gap * (c.length - 1)) / sum(c.map((p) => p.node.n))), height)
  const places = new Map(columns.flat().map((p) => [p.node.id, p]))
  for (const p of places.values()) p.height = p.node.n * scale
  const ends = links.flatMap((link) => {
    const [from, to] = [places.get(link.from), places.get(link.to)]
    return from && to ? [{ link, from, to }] : []
  })
  const stack = () => {
    for (const column of columns) {
      column.sort((a, b) => a.rank - b.rank)
      let y = 0
      for (const p of column) {
        p.y = y
        y += p.height + gap
      }
    }
  }
  // Each node moves to where its flows come from, then to where they go, a few times.
  const align = (side: 'from' | 'to') => {
    const other = side === 'from' ? 'to' : 'from'
    for (const column of columns) {
      for (const p of column) {
        const own = ends.filter((e) => e[other] === p)
        const n = sum(own.map((e) => e.link.n))
        if (n > 0) p.rank = sum(own.map((e) => (e[side].y + e[side].height / 2) * e.link.n)) / n
        else p.rank = p.y
      }
    }
    stack()
  }
  stack()
  for (let i = 0; i < 3; i++) {
    align('from')
    align('to')
  }
  align('from')
  const x = (column: number) => (steps.length > 1 ? (column * (width - box)) / (steps.length - 1) : 0)
  const left = new Map<Place<N>, number>()
  const right = new Map<Place<N>, number>()
  // Ribbons leave and enter a node in the order of their other ends.
  const at = new Map<L, { from: number; to: number }>()
  for (const e of [...ends].sort((a, b) => a.to.y - b.to.y || a.to.column - b.to.column)) {
    const taken = right.get(e.from) ?? 0
    at.set(e.link, { from: e.from.y + taken + (e.link.n * scale) / 2, to: 0 })
    right.set(e.from, taken + e.link.n * scale)
  }
  for (const e of [...ends].sort((a, b) => a.from.y - b.from.y || a.from.column - b.from.column)) {
    const taken = left.get(e.to) ?? 0
    const ribbon = at.get(e.link)
    if (ribbon) ribbon.to = e.to.y + taken + (e.link.n * scale) / 2
    left.set(e.to, taken + e.link.n * scale)
  }
  return {
    nodes: columns.flat().map((p) => ({ node: p.node, x: x(p.column), y: p.y, width: box, height: p.height, first: p.column === 0, last: p.column === steps.length - 1 })),
    links: ends.map(({ link, from, to }) => {
      const { from: y0, to: y1 } = at.get(link) ?? { from: 0, to: 0 }
      const [x0, x1] = [x(from.column) + box, x(to.column)]
      const middle = (x0 + x1) / 2
      return { link, path: `M${r(x0)},${r(y0)}C${r(middle)},${r(y0)} ${r(middle)},${r(y1)} ${r(x1)},${r(y1)}`, width: link.n * scale }
    }),
  }
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
const r = (value: number) => Math.round(value * 100) / 100
