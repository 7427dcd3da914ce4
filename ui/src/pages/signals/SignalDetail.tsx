import { useMemo } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { SignalBreakdown, SignalDefinition, SignalExamples } from '../../api/types'
import { Bars } from '../../charts/Bars'
import { Figure } from '../../charts/Figure'
import { TimeSeries } from '../../charts/TimeSeries'
import { Failure, Waiting } from '../../components/States'
import { count, percent } from '../../format/number'
import { bucketLabel, dateTime } from '../../format/time'
import { fieldIs, fieldLabel, valueLabel } from '../../state/filter'
import { changeParams, navigate, params, view } from '../../state/location'
import { defaultPeriod, type Period, periods, tooFine, unfinished } from '../../state/range'
import { hrefTo } from '../../state/view'
import { bounds, question, sourceNames, zone } from '../../state/workspace'
import { bucketHref, conversationsHref } from '../overview/links'
import { Tuning } from './Tuning'
import { breakdowns, dimensions, rule, tone, weight } from './words'

/** One signal: its rule, its rate over time and by a field, the newest conversations that have it. */
export function SignalDetail({ signal, changed }: { signal: SignalDefinition; changed: () => void }) {
  const asked = periods.find((p) => p === params.value.get('period')) ?? defaultPeriod(bounds.value)
  const period = tooFine(bounds.value, asked) ? defaultPeriod(bounds.value) : asked
  const by = params.value.get('by') ?? breakdowns[0] ?? 'agent_id'
  const rate = useGet<SignalBreakdown>(apiUrl(`signals/${signal.name}/rate`, { ...question.value, period, breakdown: by, limit: 12 }))
  return (
    <div class="main-column signal">
      <section>
        <h2>{signal.title} <span class={`weight num ${tone(signal.weight)}`} title="weight">{weight(signal.weight)}</span>{signal.off && <span class="mark warn">off</span>}</h2>
        <p>{rule(signal)}</p>
        <p class="small quiet">About {dimensions[signal.dimension] ?? signal.dimension}.{signal.weights && ` Weights: ${signal.weights}.`}{signal.changed && ' Changed from the default.'}</p>
      </section>
      <Rate signal={signal} data={rate.data} period={period} error={rate.error ? <Failure error={rate.error} retry={rate.reload} /> : null} busy={rate.loading} />
      <By signal={signal} data={rate.data} by={by} />
      <Examples signal={signal} />
      <Tuning key={JSON.stringify([signal.thresholds, signal.off])} signal={signal} changed={changed} />
    </div>
  )
}

function Rate(props: { signal: SignalDefinition; data: SignalBreakdown | undefined; period: Period; error: preact.ComponentChild; busy: boolean }) {
  const { signal, data, period } = props
  const series = useMemo(() => ({
    starts: data?.series.map((p) => p.start) ?? [],
    values: data?.series.map((p) => p.rate) ?? [],
    previous: [],
    ns: data?.series.map((p) => p.of) ?? [],
    unfinished: data?.series.some((p) => unfinished(p.start, period, Date.now())) ?? false,
  }), [data])
  const filter = fieldIs('signal', signal.name)
  const label = (i: number) => bucketLabel(series.starts[i] ?? '', period, zone.value)
  return (
    <Figure title="Rate over time" sub={data && <span class="num">{percent(data.rate)}: {count(data.n)} of {count(data.of)}</span>}
      tools={(
        <div class="segments" role="group" aria-label="Period">
          {periods.map((p) => <button type="button" key={p} aria-pressed={p === period} disabled={tooFine(bounds.value, p)} onClick={() => changeParams({ period: p })}>{p}</button>)}
        </div>
      )}
      table={data ? {
        head: [period, 'Rate', 'Conversations', 'Of'],
        rows: data.series.map((p) => ({ cells: [p.start, p.rate, p.n, p.of], shown: [bucketLabel(p.start, period, zone.value), p.rate === null ? '–' : percent(p.rate), count(p.n), count(p.of)], href: bucketHref(p.start, period, [filter]) })),
      } : null}>
      {props.error ?? (!data ? <div class="chart-space"><Waiting /></div> : (
        <div class={props.busy ? 'busy' : ''}>
          <TimeSeries data={series} unit="ratio" label={`${signal.title} by ${period}`} bucket={label} shaded={false}
            n={(i) => `of ${count(series.ns[i] ?? 0)}`} open={(i) => navigate(bucketHref(series.starts[i] ?? '', period, [filter]))} />
        </div>
      ))}
    </Figure>
  )
}

function By({ signal, data, by }: { signal: SignalDefinition; data: SignalBreakdown | undefined; by: string }) {
  const fields = breakdowns.includes(by) ? breakdowns : [by, ...breakdowns]
  const rows = (data?.groups ?? []).map((g) => {
    const key = g.keys[0] ?? null
    return {
      label: key === null ? 'none' : valueLabel(by, key, sourceNames.value), value: g.rate, text: `${count(g.n)} of ${count(g.of)}`, share: g.rate, quiet: key === null,
      href: conversationsHref(fieldIs('signal', signal.name), fieldIs(by, key)), n: g.n, of: g.of,
    }
  })
  return (
    <Figure title={`By ${fieldLabel(by).toLowerCase()}`}
      tools={(
        <select class="control" aria-label="Break down by" value={by} onChange={(e) => changeParams({ by: e.currentTarget.value })}>
          {fields.map((f) => <option key={f} value={f}>{fieldLabel(f)}</option>)}
        </select>
      )}
      table={data ? { head: [fieldLabel(by), 'Conversations', 'Of', 'Rate'], rows: rows.map((r) => ({ cells: [r.label, r.n, r.of, r.value], shown: [r.label, count(r.n), count(r.of), percent(r.value)], href: r.href })) } : null}>
      {!data ? <Waiting /> : rows.length === 0 ? <p class="quiet small">Nothing to break down.</p> : <Bars bars={rows} />}
      {data && data.groups_total > rows.length && <p class="tiny quiet more">The {rows.length} with the most conversations of {count(data.groups_total)}.</p>}
    </Figure>
  )
}

function Examples({ signal }: { signal: SignalDefinition }) {
  const { data, error, loading, reload } = useGet<SignalExamples>(apiUrl(`signals/${signal.name}/examples`, { ...question.value, limit: 8 }))
  const rows = data?.examples ?? []
  return (
    <Figure title="Newest" table={data ? {
      head: ['Conversation', 'Began', 'Outcome', 'Reason'],
      rows: rows.map((r) => ({ cells: [r.preview || r.conversation_id, r.at, r.outcome, r.signals.map((s) => s.reason).join('; ')], href: hrefTo(`/conversations/${encodeURIComponent(r.conversation_id)}`, view.value) })),
    } : null}>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : rows.length === 0 ? <p class="quiet small">No conversation of this range has it.</p> : (
        <ul class={`found-in ${loading ? 'busy' : ''}`}>
          {rows.map((r) => (
            <li key={r.conversation_id}>
              <a class="link clip" dir="auto" href={`${hrefTo(`/conversations/${encodeURIComponent(r.conversation_id)}`, view.value)}#event-${r.signals[0]?.event_id ?? ''}`}>{r.preview || r.conversation_id}</a>
              <span class="small">{r.signals[0]?.reason}{r.signals.length > 1 && <span class="quiet"> and {r.signals.length - 1} more</span>}</span>
              <span class="tiny quiet num">{dateTime(r.at, zone.value)} · {r.outcome}</span>
            </li>
          ))}
        </ul>
      )}
    </Figure>
  )
}
