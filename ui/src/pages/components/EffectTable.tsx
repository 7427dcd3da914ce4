import type { EffectRow, Effects } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { IntervalPlot } from '../../charts/IntervalPlot'
import { domainOf, type IntervalRow } from '../../charts/intervalMarks'
import { count, difference, differences, figure } from '../../format/number'
import { fieldIs } from '../../state/filter'
import { conversationsHref } from '../overview/links'
import { measured, toneOf, verdictText } from './effects'

const marked = (row: EffectRow): IntervalRow => ({ value: row.lift, interval: row.interval as [number, number] | null })

/** How a metric differs with and without each value: the numbers, and the interval as a mark. */
export function EffectTable({ title, effects, rows, busy }: { title: string; effects: Effects; rows: readonly EffectRow[]; busy: boolean }) {
  const { metric } = effects
  const of = measured(metric.name)
  const domain = domainOf(rows.map(marked))
  const href = (row: EffectRow) => conversationsHref(...of, fieldIs(effects.of, row.value ?? null))
  const without = (row: EffectRow) => conversationsHref(...of, { ...fieldIs(effects.of, row.value ?? null), not: true })
  return (
    <Figure title={title} sub={`${metric.title} with and without each; 95 % intervals`} table={{
      head: [title, 'Conversations', `${metric.title} with`, `${metric.title} without`, 'Difference', 'From', 'To', 'p, adjusted', 'Verdict'],
      rows: rows.map((r) => ({
        cells: [r.value ?? null, r.with.n, r.with.rate ?? null, r.without.rate ?? null, r.lift ?? null, r.interval?.[0] ?? null, r.interval?.[1] ?? null, r.q ?? null, verdictText(r)],
        shown: [r.value ?? '', count(r.with.n), figure(r.with.rate, metric.unit), figure(r.without.rate, metric.unit), difference(r.lift, metric.unit), difference(r.interval?.[0], metric.unit), difference(r.interval?.[1], metric.unit), r.q === null ? '–' : r.q.toFixed(3), verdictText(r)],
        href: href(r),
      })),
    }}>
      <div class={`table-wrap ${busy ? 'busy' : ''}`} tabIndex={0} role="region" aria-label={`${title}, effects`}>
        <table class="table effects">
          <thead>
            <tr>
              <th scope="col">{title === 'Tools' ? 'Tool' : 'Component'}</th><th scope="col" class="right">Measured in</th><th scope="col" class="right">With</th><th scope="col" class="right">Without</th>
              <th scope="col" class="right">Difference</th><th scope="col"><span class="hidden">Interval as a mark</span></th><th scope="col">95 % interval</th><th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => (
              <tr key={r.value}>
                <td><a class="link" href={href(r)}>{r.value}</a></td>
                <td class="right">{count(r.with.n)}</td>
                <td class="right"><a href={href(r)}>{figure(r.with.rate, metric.unit)}</a></td>
                <td class="right"><a href={without(r)}>{figure(r.without.rate, metric.unit)}</a></td>
                <td class="right">{difference(r.lift, metric.unit)}</td>
                <td><IntervalPlot row={marked(r)} domain={domain} tone={toneOf(r.verdict, metric.better)} /></td>
                <td class="num nowrap">{differences(r.interval, metric.unit)}</td>
                <td><span class={`mark ${toneOf(r.verdict, metric.better)}`}>{verdictText(r)}</span></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="tiny quiet">{effects.note}{effects.more > 0 && ` ${count(effects.more)} rarer values are left out.`}</p>
    </Figure>
  )
}
