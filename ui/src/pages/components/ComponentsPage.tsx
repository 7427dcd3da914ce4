import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Effects, MetricAnswer } from '../../api/types'
import { Bars } from '../../charts/Bars'
import { Figure } from '../../charts/Figure'
import { Empty, Failure, Waiting } from '../../components/States'
import { count, figure, percent } from '../../format/number'
import { rangeLabel } from '../../format/time'
import { fieldIs } from '../../state/filter'
import { changeParams, params, view } from '../../state/location'
import { question, zone } from '../../state/workspace'
import { conversationsHref } from '../overview/links'
import { EffectTable } from './EffectTable'
import { answers, outcomes, toolTable } from './effects'

/** What do richer answers bring? */
export function ComponentsPage() {
  const on = outcomes.find((o) => o.value === params.value.get('on'))?.value ?? 'resolved'
  return (
    <>
      <div class="page-head">
        <h1>Components &amp; tools</h1>
        <div class="row">
          <span class="sub num">{rangeLabel(view.value.range, zone.value)}</span>
          <label class="row"><span class="small quiet">Effect on</span>
          <select class="control" value={on} onChange={(e) => changeParams({ on: e.currentTarget.value })}>
            {outcomes.map((o) => <option key={o.value} value={o.value}>{o.label}</option>)}
          </select></label>
        </div>
      </div>
      <div class="band"><EffectsOf title="Components" of="artifact_type" on={on} fill="Send Component Loaded when a chart, table or form is shown." /></div>
      <div class="band"><EffectsOf title="Tools" of="tool_name" on={on} fill="Send Action Invoked when the copilot uses a tool." /></div>
      <div class="band halves">
        <ToolHealth />
        <Permissions />
      </div>
    </>
  )
}

function EffectsOf({ title, of, on, fill }: { title: string; of: string; on: string; fill: string }) {
  const { data, error, loading, reload } = useGet<Effects>(apiUrl('effects', { ...question.value, of, on, limit: 50 }))
  const rows = (data?.rows ?? []).filter((r) => r.value !== null)
  if (error) return <Figure title={title} table={null}><Failure error={error} retry={reload} /></Figure>
  if (!data) return <Figure title={title} table={null}><Waiting /></Figure>
  if (rows.length === 0) return <Figure title={title} table={null}><Empty title={`No ${title.toLowerCase()} in this range`}><p>{fill}</p></Empty></Figure>
  return <EffectTable title={title} effects={data} rows={rows} busy={loading} />
}

/** How often tools run, how long they take, how often they fail, and whether people let them. */
function ToolHealth() {
  const ask = (metric: string) => useGet<MetricAnswer>(apiUrl(`metrics/${metric}`, { ...question.value, breakdown: 'tool_name', limit: 50 }))
  const [calls, latency, failures, allowed] = [ask('actions'), ask('tool_latency'), ask('tool_failure_rate'), ask('permission_allowed_rate')]
  const error = calls.error ?? latency.error ?? failures.error ?? allowed.error
  const rows = calls.data && latency.data && failures.data && allowed.data ? toolTable(calls.data, latency.data, failures.data, allowed.data) : null
  const href = (tool: string) => conversationsHref(fieldIs('tool_name', tool))
  return (
    <Figure title="How tools do" table={rows ? {
      head: ['Tool', 'Calls', 'Median latency (ms)', 'Failure rate', 'Allowed', 'Asked'],
      rows: rows.map((r) => ({ cells: [r.tool, r.calls, r.latency, r.failures, r.allowed, r.asked], shown: [r.tool, count(r.calls), figure(r.latency, 'ms'), figure(r.failures, 'ratio'), figure(r.allowed, 'ratio'), count(r.asked)], href: href(r.tool) })),
    } : null}>
      {error ? <Failure error={error} retry={() => { calls.reload(); latency.reload(); failures.reload(); allowed.reload() }} /> : !rows ? <Waiting /> : rows.length === 0
        ? <p class="quiet small">No tool was called in this range.</p>
        : (
          <div class="table-wrap" tabIndex={0} role="region" aria-label="How tools do, rows">
            <table class="table">
              <thead><tr><th scope="col">Tool</th><th scope="col" class="right">Calls</th><th scope="col" class="right">Latency, median</th><th scope="col" class="right">Fails</th><th scope="col" class="right">Allowed when asked</th></tr></thead>
              <tbody>
                {rows.map((r) => (
                  <tr key={r.tool}>
                    <td><a class="link" href={href(r.tool)}>{r.tool}</a></td>
                    <td class="right">{count(r.calls)}</td>
                    <td class="right">{figure(r.latency, 'ms')}</td>
                    <td class="right">{figure(r.failures, 'ratio')}</td>
                    <td class="right">{r.asked > 0 ? `${figure(r.allowed, 'ratio')} of ${count(r.asked)}` : '–'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
    </Figure>
  )
}

/** What people answered when a tool asked for permission. */
function Permissions() {
  const { data, error, reload } = useGet<MetricAnswer>(apiUrl('metrics/permission_answers', { ...question.value, breakdown: 'permission_answer', limit: 10 }))
  const total = data?.total.value ?? 0
  const bars = (data?.groups ?? []).map((g) => {
    const key = g.keys[0] ?? null
    return { key, label: key === null ? 'no answer said' : (answers[key] ?? key), value: g.value ?? 0, text: count(g.value ?? 0), share: total > 0 ? (g.value ?? 0) / total : 0, href: conversationsHref(fieldIs('permission_answer', key)), quiet: key === null }
  })
  return (
    <Figure title="Permission answers"
      table={data ? { head: ['Answer', 'Count', 'Share'], rows: bars.map((b) => ({ cells: [b.label, b.value, b.share], shown: [b.label, b.text, percent(b.share)], href: b.href })) } : null}>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : bars.length === 0
        ? <p class="quiet small">Nobody was asked in this range. Send permission answers to see which tools people trust.</p>
        : <Bars bars={bars} />}
    </Figure>
  )
}
