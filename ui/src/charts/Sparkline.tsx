import { spark } from './sparkMarks'

const width = 160
const height = 28

/** A line without axes: the shape of a figure over the range. The figure itself stands beside it. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const marks = spark(values, width, height)
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path class="area" d={marks.area} />
      <path class="line" d={marks.line} />
    </svg>
  )
}
