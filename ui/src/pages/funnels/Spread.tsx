import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { MetricAnswer } from '../../api/types'
import { type Bin, distribution } from '../../charts/distribution'
import { Figure } from '../../charts/Figure'
import { Histogram } from '../../charts/Histogram'
import { Failure, Waiting } from '../../components/States'
import { count } from '../../format/number'
import { type Filter } from '../../state/filter'
import { conversationsHref } from '../overview/links'
import { question } from '../../state/workspace'
import { spreadRows } from './marks'

/** How a whole number of conversations is spread: a bar for each value, with the share up to it, and the median. */
export function Spread(props: { title: string; metric: string; field: string; unit: string; medianOf: string; empty: string }) {
  const { title, field, unit } = props
  const spread = useGet<MetricAnswer>(apiUrl(`metrics/${props.metric}`, { ...question.value, breakdown: field, limit: 1000 }))
  const median = useGet<MetricAnswer>(apiUrl(`metrics/${props.medianOf}`, { ...question.value, stat: 'median' }))
  const bins = distribution(spread.data?.groups ?? [])
  const middle = median.data?.total.value ?? null
  const error = spread.error ?? median.error
  const href = (b: Bin) => conversationsHref(is(field, b))
  return (
    <Figure title={title} sub={middle !== null && `median ${count(middle)}`}
      table={bins.length > 0 ? { head: [unit, 'Conversations', 'Share', 'Up to here'], rows: spreadRows(bins, href) } : null}>
      {error ? <Failure error={error} retry={spread.reload} /> : !spread.data ? <Waiting /> : bins.length === 0
        ? <p class="quiet small">{props.empty}</p>
        : (
          <div class={spread.loading ? 'busy' : ''}>
            <Histogram bins={bins} one="conversation" unit={unit} href={href} mark={middle === null ? null : Math.floor(middle)} />
            <p class="legend"><span><i class="box" />Conversations</span><span><i class="ink" />Share up to here</span></p>
          </div>
        )}
    </Figure>
  )
}

const is = (field: string, b: Bin): Filter => ({ field, op: b.andMore ? 'gte' : 'eq', values: [String(b.value)], not: false })
