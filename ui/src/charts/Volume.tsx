import { useRef, useState } from 'preact/hooks'
import type { Point } from '../api/types'
import { plural } from '../format/number'
import { bucketLabel } from '../format/time'
import type { Period } from '../state/range'
import { columnAt } from './columnMarks'
import { Columns } from './Columns'

/** How many conversations there were, bucket by bucket. Dragging, or Enter on one, zooms in. */
export function Volume(props: { points: readonly Point[]; period: Period; zone: string; zoom: (first: number, last: number) => void }) {
  const { points, period, zone } = props
  const box = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState<number | null>(null)
  const [from, setFrom] = useState<number | null>(null)

  const under = (event: PointerEvent) => {
    const rect = box.current?.getBoundingClientRect()
    return rect ? columnAt(event.clientX - rect.left, rect.width, points.length) : 0
  }
  const brush = from !== null && at !== null ? ([Math.min(from, at), Math.max(from, at)] as const) : null
  const label = (i: number) => {
    const point = points[i]
    return point ? `${bucketLabel(point.start, period, zone)}: ${plural(point.value ?? 0, 'conversation')}` : ''
  }
  const said = brush && brush[0] !== brush[1]
    ? `${bucketLabel(points[brush[0]]?.start ?? '', period, zone)} – ${bucketLabel(points[brush[1]]?.start ?? '', period, zone)}`
    : at !== null ? label(at) : ''

  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 }
    const move = moves[event.key]
    if (move) {
      event.preventDefault()
      event.stopPropagation()
      const next = at === null ? (move > 0 ? 0 : points.length - 1) : Math.min(points.length - 1, Math.max(0, at + move))
      if (event.shiftKey && from === null) setFrom(at ?? next)
      if (!event.shiftKey) setFrom(null)
      setAt(next)
    } else if (event.key === 'Enter' && at !== null) {
      event.preventDefault()
      props.zoom(brush?.[0] ?? at, brush?.[1] ?? at)
      setFrom(null)
    } else if (event.key === 'Escape') {
      setFrom(null)
      setAt(null)
    }
  }
  const last = points.at(-1)
  return (
    <div>
      <div class="volume" ref={box} tabIndex={0} role="slider" aria-label="Conversations over time; left and right move, with shift they select, Enter zooms in"
        aria-valuemin={0} aria-valuemax={Math.max(0, points.length - 1)} aria-valuenow={at ?? 0} aria-valuetext={said || 'nothing chosen'}
        onPointerDown={(event) => { if (event.pointerType === 'mouse') { event.currentTarget.setPointerCapture(event.pointerId); setFrom(under(event)); setAt(under(event)) } }}
        onPointerMove={(event) => setAt(under(event))}
        onPointerLeave={() => { if (from === null) setAt(null) }}
        onPointerUp={(event) => { if (brush) { props.zoom(brush[0], brush[1]); setFrom(null); setAt(null) } else if (event.pointerType !== 'mouse') setAt(under(event)) }}
        onBlur={() => { setFrom(null); setAt(null) }} onKeyDown={onKeyDown}>
        <Columns stacks={points.map((p) => [p.value ?? 0])} hot={at} brush={brush} height={56} />
      </div>
      <div class="axis-x num">
        <span>{points[0] && bucketLabel(points[0].start, period, zone)}</span>
        <span class="tiny">{said}</span>
        <span>{last && bucketLabel(last.start, period, zone)}</span>
      </div>
    </div>
  )
}
