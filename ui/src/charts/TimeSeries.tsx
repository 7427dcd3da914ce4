import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Unit } from '../api/types'
import { figure } from '../format/number'
import { ticks } from './scale'

export interface SeriesData {
  starts: readonly string[]
  values: readonly (number | null)[]
  previous: readonly (number | null)[] // of the period before, bucket by bucket; empty without comparison
  ns: readonly number[]
  unfinished: boolean // the last bucket is not over yet
}

/** A moment on the axis: at is in buckets from the first, with a fraction inside one. */
export interface TimeMark {
  at: number
  key: string // what stands above the line
}

/** One figure over time, with the period before as a dashed line. A click, or Enter, opens the bucket. */
export function TimeSeries(props: {
  data: SeriesData
  unit: Unit
  label: string
  bucket: (i: number) => string
  n: (i: number) => string
  open: (i: number) => void
  shaded: boolean // a filled line, for counts
  marks?: readonly TimeMark[]
}) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  const [at, setAt] = useState<number | null>(null)
  const latest = useRef(props)
  latest.current = props

  useEffect(() => {
    const element = box.current
    if (!element) return
    const draw = () => {
      chart.current?.destroy()
      chart.current = new uPlot(options(element, () => latest.current, setAt), aligned(latest.current.data), element)
    }
    draw()
    const resized = new ResizeObserver(() => {
      const width = element.clientWidth
      if (chart.current && chart.current.width !== width) chart.current.setSize({ width, height: heightFor(width) })
    })
    resized.observe(element)
    const recoloured = new MutationObserver(draw)
    recoloured.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', draw)
    return () => {
      resized.disconnect()
      recoloured.disconnect()
      dark.removeEventListener('change', draw)
      chart.current?.destroy()
      chart.current = null
    }
  }, [props.data, props.unit, props.shaded, props.marks])

  const count = props.data.starts.length
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 }
    const move = moves[event.key]
    if (move) {
      event.preventDefault()
      event.stopPropagation()
      const next = Math.min(count - 1, Math.max(0, at === null ? (move > 0 ? 0 : count - 1) : at + move))
      setAt(next)
      const plot = chart.current
      if (plot) plot.setCursor({ left: plot.valToPos(next, 'x'), top: plot.valToPos(props.data.values[next] ?? 0, 'y') }, false)
    } else if (event.key === 'Enter' && at !== null) {
      event.preventDefault()
      props.open(at)
    }
  }
  return (
    <div class="series">
      <div ref={box} class="plot" role="slider" tabIndex={0} aria-label={`${props.label}; left and right move, Enter opens the conversations`}
        aria-valuemin={0} aria-valuemax={Math.max(0, count - 1)} aria-valuenow={at ?? 0} aria-valuetext={at === null ? 'nothing chosen' : spoken(props, at)}
        onKeyDown={onKeyDown} onClick={() => { if (at !== null) props.open(at) }} onBlur={() => setAt(null)} />
      {at !== null && <Tip {...props} at={at} plot={chart.current} />}
    </div>
  )
}

const spoken = (props: { bucket: (i: number) => string; n: (i: number) => string; data: SeriesData; unit: Unit }, i: number) =>
  `${props.bucket(i)}: ${figure(props.data.values[i], props.unit)}, ${props.n(i)}`

function Tip(props: { data: SeriesData; unit: Unit; bucket: (i: number) => string; n: (i: number) => string; at: number; plot: uPlot | null }) {
  const { at, plot, data } = props
  if (!plot || at >= data.starts.length) return null
  const x = plot.valToPos(at, 'x') + plot.over.offsetLeft
  const right = x > plot.width / 2
  const place = right ? { right: `${plot.width - x + 12}px` } : { left: `${x + 12}px` }
  return (
    <div class="tip num" style={{ top: '8px', ...place }}>
      <div><span>{props.bucket(at)}</span></div>
      <b>{figure(data.values[at], props.unit)}</b>
      {data.previous.length > 0 && <div><span>Period before</span><span>{figure(data.previous[at], props.unit)}</span></div>}
      <div><span>{props.n(at)}</span></div>
    </div>
  )
}

const heightFor = (width: number) => (width < 480 ? 190 : 260)

/** Columns for the chart: place, period before, values, and the way to the bucket that is not over yet. */
function aligned(data: SeriesData): uPlot.AlignedData {
  const last = data.values.length - 1
  return [
    data.starts.map((_, i) => i),
    data.starts.map((_, i) => data.previous[i] ?? null),
    data.values.map((v, i) => (data.unfinished && i === last ? null : v)),
    data.values.map((v, i) => (data.unfinished && i >= last - 1 ? v : null)),
  ]
}

function options(element: HTMLElement, props: () => { data: SeriesData; unit: Unit; bucket: (i: number) => string; shaded: boolean; marks?: readonly TimeMark[] }, hover: (i: number | null) => void): uPlot.Options {
  const colour = (name: string) => resolve(element, name)
  const { data, unit, shaded } = props()
  const max = Math.max(0, ...data.values.map((v) => v ?? 0), ...data.previous.map((v) => v ?? 0))
  const splits = ticks(unit === 'ratio' || unit === 'score' ? Math.min(1, max) : max)
  const axis: uPlot.Axis = { stroke: colour('--ink-3'), font: '11px Inter, system-ui, sans-serif', grid: { show: false }, ticks: { show: false } }
  const few = data.values.filter((v) => v !== null).length < 40
  return {
    width: element.clientWidth,
    height: heightFor(element.clientWidth),
    padding: [10, 24, 0, 0],
    cursor: { y: false, points: { size: 8, width: 2 }, drag: { x: false, y: false } },
    hooks: { setCursor: [(u) => { if (u.cursor.event) hover(u.cursor.idx ?? null) }], draw: [(u) => drawMarks(u, props().marks ?? [], colour('--ink-2'))] },
    scales: { x: { time: false }, y: { range: [0, splits.at(-1) ?? 1] } },
    axes: [
      {
        ...axis, size: 26, gap: 6, incrs: [1, 2, 3, 4, 5, 7, 10, 14, 21, 28, 30, 60, 90, 180, 365], space: 92,
        values: (_, at) => at.map((i) => (Number.isInteger(i) && i < props().data.starts.length ? shortBucket(props().bucket(i)) : '')),
      },
      {
        ...axis, size: 52, gap: 8, splits: () => splits, grid: { stroke: colour('--line'), width: 1 },
        values: (_, at) => at.map((v) => figure(v, unit)),
      },
    ],
    series: [
      {},
      { stroke: colour('--ink-3'), width: 1.25, dash: [4, 4], points: { show: false } },
      {
        stroke: colour('--accent'), width: 2, spanGaps: false,
        fill: shaded ? colour('--accent-soft') : undefined,
        points: { show: few, size: 5, fill: colour('--accent'), stroke: colour('--accent') },
      },
      { stroke: colour('--accent'), width: 2, dash: [2, 4], points: { show: false } },
    ],
  }
}

/** Draws each moment as a line with its key on top. */
function drawMarks(u: uPlot, marks: readonly TimeMark[], colour: string): void {
  const { ctx } = u
  const ratio = devicePixelRatio
  ctx.save()
  ctx.strokeStyle = colour
  ctx.fillStyle = colour
  ctx.lineWidth = ratio
  ctx.setLineDash([3 * ratio, 3 * ratio])
  ctx.font = `600 ${11 * ratio}px Inter, system-ui, sans-serif`
  ctx.textAlign = 'center'
  for (const mark of marks) {
    const x = Math.round(u.valToPos(mark.at, 'x', true))
    if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) continue
    ctx.beginPath()
    ctx.moveTo(x, u.bbox.top + 6 * ratio)
    ctx.lineTo(x, u.bbox.top + u.bbox.height)
    ctx.stroke()
    ctx.fillText(mark.key, x, u.bbox.top + 2 * ratio)
  }
  ctx.restore()
}

/** A canvas needs a colour as such: the computed value of a token, light or dark. */
function resolve(element: HTMLElement, token: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${token})`
  element.append(probe)
  const value = getComputedStyle(probe).color
  probe.remove()
  return value
}

const shortBucket = (label: string) => label.replace(/^Week of |^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) /, '')
