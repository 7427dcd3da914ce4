import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import { useGet } from '../../api/resource'
import type { ExperimentResult, Metric, VariantFigure, VariantResult } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { IntervalPlot } from '../../charts/IntervalPlot'
import { domainOf, type IntervalRow } from '../../charts/intervalMarks'
import { Failure, Waiting } from '../../components/States'
import { count, difference, differences, figure, percent } from '../../format/number'
import { dateTime } from '../../format/time'
import { fieldIs, parseFilter } from '../../state/filter'
import { navigate, view } from '../../state/location'
import type { View } from '../../state/view'
import { hrefTo } from '../../state/view'
import { mayEdit, zone } from '../../state/workspace'
import { measured } from '../components/effects'
import { figureTone, verdictTitle, verdictTone } from './verdicts'

/** How an experiment stands: each variant beside the control, with intervals that may be looked at every day. */
export function ExperimentPage({ name }: { name: string }) {
  const { data, error, reload } = useGet<ExperimentResult>(apiUrl(`experiments/${encodeURIComponent(name)}/result`, { zone: zone.value }))
  return (
    <>
      <div class="page-head">
        <h1>{name}</h1>
        {data && <span class={`mark ${verdictTone(data.verdict)}`}>{verdictTitle(data.verdict)}</span>}
        {mayEdit.value && data && <span class="push"><Remove name={name} /></span>}
      </div>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : <Result result={data} />}
    </>
  )
}

function Result({ result }: { result: ExperimentResult }) {
  const { experiment, allocation } = result
  const unit = experiment.unit === 'person' ? 'persons' : 'conversations'
  return (
    <>
      <p class={`notice ${result.verdict === 'sample_ratio_mismatch' || result.verdict === 'guardrail_broken' ? 'warn' : ''}`}>{result.reason}</p>
      <div class="band">
        <MetricFigure result={result} metric={result.primary} title={`${result.primary.title}, which decides`} of={(v) => v.primary} verdict={(v) => verdictTitle(v.verdict)} tone={(v) => verdictTone(v.verdict)} />
      </div>
      {result.guardrails.map((m, i) => (
        <div class="band" key={m.name}>
          <MetricFigure result={result} metric={m} title={`${m.title}, guardrail`} of={(v) => v.guardrails[i] as VariantFigure} verdict={(v) => guardText(v, i)} tone={(v) => figureTone(v.guardrails[i]?.verdict ?? 'unclear')} />
        </div>
      ))}
      <dl class="facts">
        <dt>Variants</dt><dd>of <code>{experiment.field}</code>; the control is {experiment.variants[0]?.value}</dd>
        <dt>Units</dt><dd class="num">{count(result.units)} {unit} with one variant; {count(result.excluded)} {unit} that had several are left out</dd>
        <dt>Split</dt><dd class="num">{allocation.mismatch ? 'not as it should be' : 'as it should be'} (p = {allocation.p.toPrecision(2)} now, {allocation.always_p.toPrecision(2)} however often one looks)</dd>
        <dt>Range</dt><dd>{result.range.from ? dateTime(result.range.from, zone.value) : 'from the first event'} to {result.range.until ? dateTime(result.range.until, zone.value) : 'now'}</dd>
        {experiment.filter.length > 0 && <><dt>Only</dt><dd>{experiment.filter.map((f) => <code key={f}>{f} </code>)}</dd></>}
        <dt>How sure</dt><dd>Intervals of differences hold at all times together at {percent(result.level)}: you may look every day and stop when a verdict is there.</dd>
      </dl>
    </>
  )
}

const guardText = (v: VariantResult, i: number) => (v.control ? 'control' : { broken: 'broken', worse: 'worse, within tolerance', better: 'better', unclear: 'holds so far' }[v.guardrails[i]?.verdict ?? 'unclear'])

function MetricFigure(props: { result: ExperimentResult; metric: Metric; title: string; of: (v: VariantResult) => VariantFigure; verdict: (v: VariantResult) => string; tone: (v: VariantResult) => string }) {
  const { result, metric, of } = props
  const marked = (v: VariantResult): IntervalRow => ({ value: of(v).difference, interval: of(v).difference_interval as [number, number] | null })
  const domain = domainOf(result.variants.map(marked))
  const href = (v: VariantResult) => hrefTo('/conversations', viewOf(result, v.value, metric.name))
  return (
    <Figure title={props.title} sub={metric.description} table={{
      head: ['Variant', 'Units', metric.title, 'From', 'To', 'Difference', 'Difference from', 'Difference to', 'Verdict'],
      rows: result.variants.map((v) => {
        const f = of(v)
        return {
          cells: [v.value, f.n, f.value, f.interval?.[0] ?? null, f.interval?.[1] ?? null, f.difference, f.difference_interval?.[0] ?? null, f.difference_interval?.[1] ?? null, props.verdict(v)],
          shown: [v.value, count(f.n), figure(f.value, metric.unit), figure(f.interval?.[0], metric.unit), figure(f.interval?.[1], metric.unit), difference(f.difference, metric.unit), difference(f.difference_interval?.[0], metric.unit), difference(f.difference_interval?.[1], metric.unit), props.verdict(v)],
          href: href(v),
        }
      }),
    }}>
      <div class="table-wrap" tabIndex={0} role="region" aria-label={`${props.title}, variants`}>
        <table class="table">
          <thead><tr><th scope="col">Variant</th><th scope="col" class="right">Measured of</th><th scope="col" class="right">{metric.title}</th><th scope="col" class="right">Difference</th><th scope="col"><span class="hidden">Interval as a mark</span></th><th scope="col">Interval, always valid</th><th scope="col">Verdict</th></tr></thead>
          <tbody>
            {result.variants.map((v) => {
              const f = of(v)
              return (
                <tr key={v.value}>
                  <td><a class="link" href={href(v)}>{v.value}</a> {v.control && <span class="quiet">control</span>}</td>
                  <td class="right">{count(f.n)}</td>
                  <td class="right"><a href={href(v)}>{figure(f.value, metric.unit)}</a></td>
                  <td class="right">{v.control ? '' : difference(f.difference, metric.unit)}</td>
                  <td>{!v.control && <IntervalPlot row={marked(v)} domain={domain} tone={figureTone(f.verdict)} />}</td>
                  <td class="num nowrap">{v.control ? '' : f.difference_interval ? differences(f.difference_interval, metric.unit) : 'too few to say'}</td>
                  <td>{v.control ? <span class="quiet">–</span> : <span class={`mark ${props.tone(v)}`}>{props.verdict(v)}</span>}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </Figure>
  )
}

/** The view that shows the conversations of one variant and no other. */
function viewOf(result: ExperimentResult, variant: string, metric: string): View {
  const { experiment } = result
  const own = experiment.filter.flatMap((f) => parseFilter(f) ?? [])
  const others = experiment.variants.filter((v) => v.value !== variant).map((v) => ({ ...fieldIs(experiment.field, v.value), not: true }))
  const range = experiment.from && experiment.until ? { from: experiment.from.slice(0, 10), until: experiment.until.slice(0, 10) } : { preset: 'all' as const }
  return { ...view.value, range, filters: [...own, ...measured(metric), fieldIs(experiment.field, variant), ...others], search: '' }
}

function Remove({ name }: { name: string }) {
  const [sure, setSure] = useState(false)
  const remove = useAction()
  const run = async () => {
    if (await remove.run(() => ask(apiUrl(`experiments/${encodeURIComponent(name)}`), { method: 'DELETE' }))) navigate(hrefTo('/experiments', view.value))
  }
  if (!sure) return <button type="button" class="button plain danger" onClick={() => setSure(true)}>Remove</button>
  return (
    <span class="row">
      {remove.error && <span class="small" role="alert">{remove.error.message}</span>}
      <button type="button" class="button danger" disabled={remove.busy} onClick={run}>Remove for good</button>
      <button type="button" class="button" onClick={() => setSure(false)}>Keep</button>
    </span>
  )
}
