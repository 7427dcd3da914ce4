import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { MetricAnswer } from '../../api/types'
import { Bars } from '../../charts/Bars'
import { Figure } from '../../charts/Figure'
import { Failure, Waiting } from '../../components/States'
import { count, plural } from '../../format/number'
import { fieldIs } from '../../state/filter'
import { question } from '../../state/workspace'
import { conversationsHref } from './links'

/** The most frequent values of a field of events. */
export function TopList(props: { title: string; metric: string; field: string; one: string; many?: string; fill: string }) {
  const { title, metric, field } = props
  const { data, error, loading, reload } = useGet<MetricAnswer>(apiUrl(`metrics/${metric}`, { ...question.value, breakdown: field, limit: 8 }))
  const total = data?.total.value ?? 0
  const rows = (data?.groups ?? []).map((g) => {
    const key = g.keys[0] ?? null
    return { label: key ?? 'without a name', value: g.value ?? 0, text: count(g.value ?? 0), share: total > 0 ? (g.value ?? 0) / total : 0, href: conversationsHref(fieldIs(field, key)), quiet: key === null }
  })
  const more = (data?.groups_total ?? 0) - rows.length
  return (
    <Figure title={title} sub={data && total > 0 ? <span class="num">{plural(total, props.one, props.many)}</span> : null}
      table={data ? { head: [title, 'Count', 'Share'], rows: rows.map((r) => ({ cells: [r.label, r.value, r.share], shown: [r.label, r.text, `${Math.round(r.share * 100)} %`], href: r.href })) } : null}>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : rows.length === 0
        ? <p class="quiet small">None in this range. {props.fill}</p>
        : <div class={loading ? 'busy' : ''}><Bars bars={rows} />{more > 0 && <p class="tiny quiet more">and {count(more)} more</p>}</div>}
    </Figure>
  )
}
