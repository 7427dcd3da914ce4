import { plural, duration } from '../../format/number'
import { preciseTime } from '../../format/time'
import { view } from '../../state/location'
import { zone } from '../../state/workspace'
import { journeyHref } from '../journey/link'
import { type Span, spanName } from './trace'

/** The spans of one turn, folded: what ran inside what, when, and for how long. */
export function Spans({ spans }: { spans: readonly Span[] }) {
  return (
    <li class="spans">
      <details>
        <summary>{plural(spans.length, 'span')}</summary>
        <ol aria-label="Spans of this turn">
          {spans.map((s) => <Row key={s.event.id} span={s} />)}
        </ol>
      </details>
    </li>
  )
}

function Row({ span: { event, depth, start, length } }: { span: Span }) {
  const bad = event.action === 'failed' || event.tool_ok === false
  const kind = event.kind === 'product' ? 'other' : event.kind === 'tool' ? 'tool' : event.counts_usage ? 'model' : 'wraps'
  return (
    <li>
      <a class="clip" style={{ paddingLeft: `${Math.min(depth, 8) * 0.9}rem` }} href={journeyHref(event.id, view.value)} title={preciseTime(event.occurred_at, zone.value)}>{spanName(event)}</a>
      <span class="quiet tiny">{event.operation ?? (event.kind === 'tool' ? 'tool' : event.source_event)}{bad ? ' · failed' : event.action === 'cancelled' ? ' · cancelled' : ''}</span>
      <span class="quiet tiny num right">{event.latency_ms === undefined ? '' : duration(event.latency_ms)}</span>
      <span class="track" aria-hidden="true"><i class={`${kind} ${bad ? 'bad' : ''}`} style={{ left: `${start * 100}%`, width: `${length * 100}%` }} /></span>
    </li>
  )
}
