import { bandPath, linePath } from '../../charts/lines'
import { ticks } from '../../charts/scale'
import { count, percent } from '../../format/number'
import type { Curve } from './marks'

const [width, height] = [640, 220]

/** The share that comes back after so many periods, a line for each group; the first one with its interval. The period
 *  of the first event itself is left out: everybody is there. */
export function Curves({ curves, period }: { curves: readonly Curve[]; period: string }) {
  const shown = curves.map((c) => ({ ...c, rates: c.points.slice(1).map((p) => p.rate) }))
  const most = Math.max(0, ...shown.map((c) => c.rates.length))
  const all = shown[0]
  if (most === 0 || !all || !shown.some((c) => c.rates.some((r) => r !== null))) {
    return <p class="quiet small">No {period} after the first one is over yet: look at a longer range, or at shorter periods.</p>
  }
  const top = ticks(Math.max(0.01, ...shown.flatMap((c) => c.rates.map((r) => r ?? 0)), ...all.points.slice(1).map((p) => p.interval?.[1] ?? 0)))
  const max = Math.min(1, top.at(-1) ?? 1)
  const pad = (rates: readonly (number | null)[]) => Array.from({ length: most }, (_, i) => rates[i] ?? null)
  const bounds = (end: 0 | 1) => pad(all.points.slice(1).map((p) => p.interval?.[end] ?? null))
  return (
    <div class="curves num">
      <div class="axis-y" aria-hidden="true">{[...top].filter((t) => t <= max).reverse().map((t) => <span key={t}>{percent(t)}</span>)}</div>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label="Share that comes back; the table says the same">
        <path class="interval" d={bandPath(bounds(0), bounds(1), width, height, max)} />
        {shown.map((c, i) => <path key={c.label} class={`curve curve-${i} ${c.small ? 'small' : ''}`} d={linePath(pad(c.rates), width, height, max)} />)}
      </svg>
      <div class="axis-x" aria-hidden="true">{Array.from({ length: most }, (_, i) => <span key={i}>+{i + 1}</span>)}</div>
      <ul class="legend">
        {shown.map((c, i) => <li key={c.label}><svg viewBox="0 0 24 6" width="24" height="6" aria-hidden="true"><path class={`curve curve-${i}`} d="M0,3H24" /></svg>{c.label} <span class="quiet">{count(c.size)}{c.small && ', small'}</span></li>)}
      </ul>
    </div>
  )
}
