import { type IntervalRow, intervalMark } from './intervalMarks'

const width = 132
const height = 16

/** A difference as a dot on its interval, beside a line at 0. The numbers stand beside it as text. */
export function IntervalPlot({ row, domain, tone }: { row: IntervalRow; domain: readonly [number, number] | null; tone: 'good' | 'bad' | '' }) {
  const mark = domain && intervalMark(row, domain)
  if (!mark) return <svg class="interval" viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true" />
  const x = (share: number) => share * width
  return (
    <svg class={`interval ${tone}`} viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
      <line class="zero" x1={x(mark.zero)} x2={x(mark.zero)} y1={0} y2={height} />
      <line class="span" x1={x(mark.lo)} x2={x(mark.hi)} y1={height / 2} y2={height / 2} />
      <line class="end" x1={x(mark.lo)} x2={x(mark.lo)} y1={height / 2 - 3} y2={height / 2 + 3} />
      <line class="end" x1={x(mark.hi)} x2={x(mark.hi)} y1={height / 2 - 3} y2={height / 2 + 3} />
      <circle cx={x(mark.value)} cy={height / 2} r={3} />
    </svg>
  )
}
