import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { MetricAnswer } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { Volume } from '../../charts/Volume'
import { Failure } from '../../components/States'
import { count } from '../../format/number'
import { bucketLabel } from '../../format/time'
import { changeView, view } from '../../state/location'
import { bucketRange, defaultPeriod } from '../../state/range'
import { hrefTo } from '../../state/view'
import { bounds, question, zone } from '../../state/workspace'

/** Conversations over the range; dragging over it narrows the range. */
export function VolumeStrip() {
  const period = defaultPeriod(bounds.value)
  const { data, error, loading, reload } = useGet<MetricAnswer>(apiUrl('metrics/conversations', { ...question.value, period }))
  const points = data?.series ?? []
  const range = (first: number, last: number) => {
    const [a, b] = [points[first], points[last]]
    return a && b ? { from: bucketRange(a.start, period, bounds.value).from, until: bucketRange(b.start, period, bounds.value).until } : view.value.range
  }
  return (
    <Figure title="Volume" sub={`by ${period}; drag to zoom in`}
      table={data ? { head: [period, 'Conversations'], rows: points.map((p, i) => ({ cells: [p.start, p.value ?? 0], shown: [bucketLabel(p.start, period, zone.value), count(p.value ?? 0)], href: hrefTo('/conversations', { ...view.value, range: range(i, i) }) })) } : null}>
      {error ? <Failure error={error} retry={reload} /> : (
        <div class={loading ? 'busy' : ''}>
          <Volume points={points} period={period} zone={zone.value} zoom={(first, last) => changeView({ range: range(first, last) })} />
        </div>
      )}
    </Figure>
  )
}
