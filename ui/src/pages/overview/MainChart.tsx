import { useMemo } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { MetricAnswer } from '../../api/types'
import { Figure, type TableData } from '../../charts/Figure'
import { TimeSeries } from '../../charts/TimeSeries'
import { Empty, Failure, Waiting } from '../../components/States'
import { count, figure, percent } from '../../format/number'
import { bucketLabel, rangeLabel } from '../../format/time'
import { changeParams, navigate, params, view } from '../../state/location'
import { comparedWith, defaultPeriod, unfinished, type Period, periods, tooFine } from '../../state/range'
import { bounds, metricNamed, metrics, question, zone } from '../../state/workspace'
import { Annotations, useAnnotations } from './Annotations'
import { timeMarks } from './annotationMarks'
import { bucketHref } from './links'
import { filtersOf } from './tiles'

/** One metric over time: any of the catalogue, any statistic, any period, against the period before. */
export function MainChart() {
  const name = params.value.get('metric') ?? 'conversations'
  const metric = metricNamed(name)
  const chosen = periods.find((p) => p === params.value.get('period')) ?? defaultPeriod(bounds.value)
  const period = tooFine(bounds.value, chosen) ? defaultPeriod(bounds.value) : chosen
  const compare = view.value.compare && bounds.value.from !== undefined
  const stats = metric?.stats ?? []
  const stat = stats.find((s) => s === params.value.get('stat')) ?? metric?.default_stat ?? undefined
  const { data, error, loading, reload } = useGet<MetricAnswer>(apiUrl(`metrics/${name}`, {
    ...question.value, period, stat, compare: compare ? 'previous' : undefined,
  }))
  const series = useMemo(() => ({
    starts: data?.series.map((p) => p.start) ?? [],
    values: data?.series.map((p) => p.value) ?? [],
    previous: compare ? (data?.previous_series.map((p) => p.value) ?? []) : [],
    ns: data?.series.map((p) => p.n) ?? [],
    unfinished: data?.series.some((p) => unfinished(p.start, period, Date.now())) ?? false,
  }), [data, compare])

  const noted = useAnnotations()
  const marks = useMemo(() => timeMarks(noted.data?.annotations ?? [], series.starts, bounds.value.until), [noted.data, series, bounds.value.until])

  const label = (i: number) => bucketLabel(series.starts[i] ?? '', period, zone.value)
  const open = (i: number) => navigate(bucketHref(series.starts[i] ?? '', period, filtersOf(name)))
  const unit = data?.metric.unit ?? 'count'
  const counts = unit === 'count' && !stat
  return (
    <Figure title={metric?.title ?? name} titled={false} table={data ? tableOf(data, period, compare, name) : null}
      sub={metric?.description}
      tools={(
        <div class="row">
          <select class="control metric" aria-label="Metric" value={name} onChange={(e) => changeParams({ metric: e.currentTarget.value, stat: undefined })}>
            {metrics.value.map((m) => <option key={m.name} value={m.name}>{m.title}</option>)}
          </select>
          {stats.length > 1 && (
            <select class="control" aria-label="Statistic" value={stat} onChange={(e) => changeParams({ stat: e.currentTarget.value })}>
              {stats.map((s) => <option key={s} value={s}>{statLabel(s)}</option>)}
            </select>
          )}
          <div class="segments" role="group" aria-label="Period">
            {periods.map((p) => (
              <button type="button" key={p} aria-pressed={p === period} disabled={tooFine(bounds.value, p)} onClick={() => changeParams({ period: p })}>{p}</button>
            ))}
          </div>
        </div>
      )}>
      {error ? <Failure error={error} retry={reload} />
        : !data ? <div class="chart-space"><Waiting /></div>
          : data.series.every((p) => p.value === null)
            ? <div class="chart-space"><Empty title="Nothing to measure"><p>{metric?.definition}</p></Empty></div>
            : (
              <div class={loading ? 'busy' : ''}>
                <p class="legend num">
                  <span><i />{rangeLabel(view.value.range, zone.value)}</span>
                  {series.unfinished && <span><i class="unfinished" />{period === 'day' ? 'today' : `this ${period}`} so far</span>}
                  {data.previous && <span><i class="previous" />{rangeLabel(comparedWith(data.previous.range, bounds.value), zone.value)}</span>}
                </p>
                <TimeSeries data={series} unit={unit} label={`${metric?.title} by ${period}`} bucket={label} open={open} shaded={counts} marks={marks}
                  n={(i) => (counts ? '' : `n = ${count(series.ns[i] ?? 0)}`)} />
                <Annotations list={noted.data?.annotations ?? []} reload={noted.reload} />
              </div>
            )}
    </Figure>
  )
}

export function statLabel(stat: string): string {
  return stat.startsWith('p') ? `${stat.slice(1)}th percentile` : (stat[0]?.toUpperCase() ?? '') + stat.slice(1)
}

function tableOf(data: MetricAnswer, period: Period, compare: boolean, name: string): TableData {
  const unit = data.metric.unit
  const covered = data.metric.coverage !== null
  return {
    head: [period, data.metric.title, ...(compare ? ['Period before'] : []), 'n', ...(covered ? ['Coverage'] : [])],
    rows: data.series.map((p, i) => {
      const before = data.previous_series[i]?.value ?? null
      const coverage = p.coverage ?? null
      return {
        cells: [p.start, p.value, ...(compare ? [before] : []), p.n, ...(covered ? [coverage] : [])],
        shown: [bucketLabel(p.start, period, zone.value), figure(p.value, unit), ...(compare ? [figure(before, unit)] : []), count(p.n), ...(covered ? [coverage === null ? '–' : percent(coverage)] : [])],
        href: bucketHref(p.start, period, filtersOf(name)),
      }
    }),
  }
}

