import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { ChangeRow, Changes } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { IntervalPlot } from '../../charts/IntervalPlot'
import { domainOf, type IntervalRow } from '../../charts/intervalMarks'
import { Failure, Waiting } from '../../components/States'
import { count, difference, differences, figure, percent } from '../../format/number'
import { fieldLabel, fieldIs, valueLabel } from '../../state/filter'
import { changeParams, params } from '../../state/location'
import { bounds, question, sourceNames } from '../../state/workspace'
import { measured } from '../components/effects'
import { against, choices, summary } from './changes'
import { conversationsHref } from './links'

/** Where the change of a metric against the period before comes from. */
export function WhatChanged() {
  const metric = choices.find((c) => c.value === params.value.get('changed'))?.value ?? 'overall_satisfaction'
  const bounded = bounds.value.from !== undefined && bounds.value.until !== undefined
  const { data, error, loading, reload } = useGet<Changes>(bounded ? apiUrl('changes', { ...question.value, metric, limit: 8 }) : null)
  const tools = (
    <select class="control" aria-label="Metric of what changed" value={metric} onChange={(e) => changeParams({ changed: e.currentTarget.value })}>
      {choices.map((c) => <option key={c.value} value={c.value}>{c.label}</option>)}
    </select>
  )
  return (
    <Figure title="What changed" sub={against(data)} tools={tools} table={data ? tableOf(data) : null}>
      {!bounded ? <p class="quiet small">Choose a range with a beginning and an end to compare it with the period before.</p>
        : error ? <Failure error={error} retry={reload} /> : !data ? <Waiting />
          : <div class={loading ? 'busy' : ''}><Found changes={data} /></div>}
    </Figure>
  )
}

const marked = (r: ChangeRow): IntervalRow => ({ value: r.contribution, interval: r.interval as [number, number] | null })
const hrefOf = (changes: Changes, r: ChangeRow) => conversationsHref(...measured(changes.metric.name), fieldIs(r.dimension, r.value ?? null))
const nameOf = (r: ChangeRow) => `${fieldLabel(r.dimension)}: ${valueLabel(r.dimension, r.value ?? null, sourceNames.value)}`

function Found({ changes }: { changes: Changes }) {
  const { metric } = changes
  const places = changes.rows.filter((r) => r.certain).slice(0, 5)
  const shown = changes.symptoms.filter((r) => r.certain).slice(0, 3)
  const domain = domainOf([...places, ...shown].map(marked))
  const tone = (r: ChangeRow) => (metric.better === 'none' ? '' : (r.contribution > 0) === (metric.better === 'up') ? 'good' : 'bad')
  const row = (r: ChangeRow) => (
    <tr key={`${r.dimension} ${r.value}`}>
      <td><a class="link" href={hrefOf(changes, r)}>{nameOf(r)}</a> {r.state && <span class="mark">{r.state}</span>}</td>
      <td class="right">{figure(r.before, metric.unit)} → {figure(r.now, metric.unit)}</td>
      <td class="right">{count(r.n_before)} → {count(r.n_now)}</td>
      <td class="right">{difference(r.contribution, metric.unit)}</td>
      <td><IntervalPlot row={marked(r)} domain={domain} tone={tone(r)} /></td>
      <td class="right">{r.share_of_change === null ? '–' : percent(r.share_of_change)}</td>
    </tr>
  )
  return (
    <>
      <p class="num">{summary(changes)}</p>
      {places.length === 0 && shown.length === 0 ? <p class="quiet small">No part of it stands out from the rest for certain.</p> : (
        <div class="table-wrap" tabIndex={0} role="region" aria-label="What changed, rows">
          <table class="table">
            <thead><tr><th scope="col">Where it differs from the rest</th><th scope="col" class="right">{metric.title}</th><th scope="col" class="right">Measured of</th><th scope="col" class="right">Contribution</th><th scope="col"><span class="hidden">Interval as a mark</span></th><th scope="col" class="right">Of the change</th></tr></thead>
            <tbody>
              {places.map(row)}
              {shown.length > 0 && <tr class="sub-head"><th scope="colgroup" colSpan={6}>How it shows</th></tr>}
              {shown.map(row)}
            </tbody>
          </table>
        </div>
      )}
      <p class="tiny quiet">Each row explains the change by itself; rows overlap. Listed are those that certainly changed otherwise than the rest (at most 5 % of them by chance), 95 % intervals.</p>
    </>
  )
}

function tableOf(changes: Changes) {
  const { metric } = changes
  return {
    head: ['Where', 'Before', 'Now', 'n before', 'n now', 'Contribution', 'From', 'To', 'Of the change', 'p, adjusted', 'Certain'],
    rows: [...changes.rows, ...changes.symptoms].map((r) => ({
      cells: [nameOf(r), r.before ?? null, r.now ?? null, r.n_before, r.n_now, r.contribution, r.interval?.[0] ?? null, r.interval?.[1] ?? null, r.share_of_change ?? null, r.q ?? null, r.certain ? 'yes' : 'no'],
      shown: [nameOf(r), figure(r.before, metric.unit), figure(r.now, metric.unit), count(r.n_before), count(r.n_now), difference(r.contribution, metric.unit), differences(r.interval, metric.unit).split(' to ')[0] ?? '', difference(r.interval?.[1], metric.unit), r.share_of_change === null ? '–' : percent(r.share_of_change), r.q === null ? '–' : r.q.toFixed(3), r.certain ? 'yes' : 'no'],
      href: hrefOf(changes, r),
    })),
  }
}
