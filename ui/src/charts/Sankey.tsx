import { type FlowLink, type FlowNode, sankey } from './sankeyMarks'

export interface ShownNode extends FlowNode { label: string; text: string; kind: string; href?: string }
export interface ShownLink extends FlowLink { text: string }

/** Ways as ribbons between boxes. Boxes with an address are links; the table behind the chart says the same. */
export function Sankey({ nodes, links, label }: { nodes: readonly ShownNode[]; links: readonly ShownLink[]; label: string }) {
  const columns = new Set(nodes.map((n) => n.step)).size
  const most = Math.max(1, ...[...new Set(nodes.map((n) => n.step))].map((step) => nodes.filter((n) => n.step === step).length))
  const [width, height] = [Math.max(640, columns * 170), Math.max(200, most * 38)]
  const marks = sankey(nodes, links, width - 150, height, 8, 14)
  return (
    <div class="flow-scroll" tabIndex={0} role="region" aria-label={label}>
      <svg class="flows" viewBox={`0 -8 ${width} ${height + 16}`} width={width} height={height + 16} role="group" aria-label={label}>
        {marks.links.map((l, i) => <path key={i} class="ribbon" d={l.path} stroke-width={Math.max(1, l.width)}><title>{l.link.text}</title></path>)}
        {marks.nodes.map((m) => {
          const inner = (
            <>
              <rect class={`box kind-${m.node.kind}`} x={m.x} y={m.y} width={m.width} height={Math.max(2, m.height)} />
              <text x={m.x + m.width + 5} y={m.y + Math.max(2, m.height) / 2} dy="0.32em">{short(m.node.label)} <tspan class="n">{m.node.text}</tspan></text>
              <title>{`${m.node.label}: ${m.node.text}`}</title>
            </>
          )
          return m.node.href ? <a key={m.node.id} href={m.node.href} aria-label={`${m.node.label}: ${m.node.text}`}>{inner}</a> : <g key={m.node.id}>{inner}</g>
        })}
      </svg>
    </div>
  )
}

const short = (label: string) => (label.length > 20 ? `${label.slice(0, 19)}…` : label)
