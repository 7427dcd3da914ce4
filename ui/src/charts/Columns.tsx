import { columns } from './columnMarks'
import { ticks } from './scale'

const width = 600

/** Stacked columns over time. */
export function Columns(props: { stacks: readonly (readonly number[])[]; height?: number; hot?: number | null; brush?: readonly [number, number] | null }) {
  const { stacks, height = 64 } = props
  const top = ticks(Math.max(0, ...stacks.map((s) => s.reduce((a, b) => a + b, 0)))).at(-1) ?? 1
  const step = width / Math.max(1, stacks.length)
  return (
    <svg class="columns" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" height={height} aria-hidden="true">
      {columns(stacks, width, height, top).map((c, i) => (
        <g key={i} class={props.hot === i ? 'hot' : ''}>
          {c.parts.map((p, k) => p.height > 0 && <rect key={k} class={`part-${k}`} x={c.x} width={c.width} y={p.y} height={p.height} />)}
        </g>
      ))}
      <line class="base" x1="0" x2={width} y1={height} y2={height} />
      {props.brush && <rect class="brush" x={props.brush[0] * step} width={(props.brush[1] - props.brush[0] + 1) * step} y="0" height={height} />}
    </svg>
  )
}
