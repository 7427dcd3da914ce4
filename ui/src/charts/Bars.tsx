import { percent } from '../format/number'

export interface Bar {
  label: string
  value: number
  text: string
  share?: number // 0 to 1, of what the chart says
  href?: string
  quiet?: boolean
}

/** Horizontal bars, each a link to what it counts. */
export function Bars({ bars }: { bars: readonly Bar[] }) {
  const max = Math.max(0, ...bars.map((b) => b.value))
  return (
    <ul class="bars">
      {bars.map((bar) => {
        const inner = (
          <>
            <span class="fill" style={{ width: `${max > 0 ? (bar.value / max) * 100 : 0}%` }} />
            <span class={`clip ${bar.quiet ? 'quiet' : ''}`} title={bar.label}>{bar.label}</span>
            <span class="num">{bar.text}</span>
            <span class="share num">{bar.share === undefined ? '' : percent(bar.share)}</span>
          </>
        )
        return <li key={bar.label}>{bar.href ? <a href={bar.href}>{inner}</a> : <span class="bar-item">{inner}</span>}</li>
      })}
    </ul>
  )
}
