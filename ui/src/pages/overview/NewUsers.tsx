import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { MetricAnswer } from '../../api/types'
import { Columns } from '../../charts/Columns'
import { Figure } from '../../charts/Figure'
import { Failure, Waiting } from '../../components/States'
import { count, percent } from '../../format/number'
import { bucketLabel } from '../../format/time'
import { fieldExists } from '../../state/filter'
import { defaultPeriod } from '../../state/range'
import { bounds, question, zone } from '../../state/workspace'
import { bucketHref, conversationsHref } from './links'

/** People who came for the first time against those who came back, bucket by bucket. */
export function NewUsers() {
  const period = defaultPeriod(bounds.value)
  const ask = (metric: string) => apiUrl(`metrics/${metric}`, { ...question.value, period })
  const fresh = useGet<MetricAnswer>(ask('new_users'))
  const back = useGet<MetricAnswer>(ask('returning_users'))
  const error = fresh.error ?? back.error
  const points = fresh.data?.series ?? []
  const returning = new Map(back.data?.series.map((p) => [p.start, p.value ?? 0]))
  const stacks = points.map((p) => [returning.get(p.start) ?? 0, p.value ?? 0])
  const [news, backs] = [fresh.data?.total.value ?? 0, back.data?.total.value ?? 0]
  const all = news + backs
  const ready = fresh.data && back.data
  const known = [fieldExists('user_id')]
  return (
    <Figure title="New and returning users" sub={`by ${period}`}
      table={ready ? {
        head: [period, 'Returning', 'New'],
        rows: points.map((p, i) => ({ cells: [p.start, stacks[i]?.[0] ?? 0, stacks[i]?.[1] ?? 0], shown: [bucketLabel(p.start, period, zone.value), count(stacks[i]?.[0] ?? 0), count(stacks[i]?.[1] ?? 0)], href: bucketHref(p.start, period, known) })),
      } : null}>
      {error ? <Failure error={error} retry={() => { fresh.reload(); back.reload() }} /> : !ready ? <Waiting /> : all === 0
        ? <p class="quiet small">No user ids in this range. Send <code>userId</code>, or identify people, to tell who comes back.</p>
        : (
          <div class={fresh.loading || back.loading ? 'busy' : ''}>
            <p class="split num">
              <span class="quiet">In the whole range</span>
              <a class="figure-link" href={conversationsHref(...known)}><b>{count(backs)}</b> returning <span class="quiet">{percent(backs / all)}</span></a>
              <a class="figure-link" href={conversationsHref(...known)}><b>{count(news)}</b> new <span class="quiet">{percent(news / all)}</span></a>
            </p>
            <Columns stacks={stacks} height={110} />
            <div class="axis-x num"><span>{points[0] && bucketLabel(points[0].start, period, zone.value)}</span><span>{points.at(-1) && bucketLabel(points.at(-1)?.start ?? '', period, zone.value)}</span></div>
            <p class="legend"><span><i class="box" />Returning</span><span><i class="box soft" />New</span></p>
          </div>
        )}
    </Figure>
  )
}
