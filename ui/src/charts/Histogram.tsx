import { percent, plural } from '../format/number'
import { type Bin, cumulativePath } from './distribution'

const [width, height] = [600, 140]

/** How often a number occurs: each bar a link to what it counts, with the curve of those up to it. */
export function Histogram(props: { bins: readonly Bin[]; one: string; unit: string; href: (bin: Bin) => string; mark?: number | null }) {
  const { bins, one, unit, mark } = props
  const top = Math.max(...bins.map((b) => b.n))
  return (
    <div class="histogram num">
      <ol style={{ gridTemplateColumns: `repeat(${bins.length}, minmax(0, 1fr))` }}>
        {bins.map((b) => {
          const label = `${b.value}${b.andMore ? ' or more' : ''} ${unit}: ${plural(b.n, one)}, ${percent(b.cumulative)} up to here`
          return (
            <li key={b.value} class={b.value === mark ? 'marked' : ''}>
              <a href={props.href(b)} title={label} aria-label={label}><i style={{ height: `${top > 0 ? (b.n / top) * 100 : 0}%` }} /></a>
              <span aria-hidden="true">{bins.length <= 12 || b.value % 5 === 0 || b === bins[0] || b === bins.at(-1) ? `${b.value}${b.andMore ? '+' : ''}` : ''}</span>
            </li>
          )
        })}
      </ol>
      <svg class="cumulative" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true"><path d={cumulativePath(bins, width, height)} /></svg>
    </div>
  )
}
