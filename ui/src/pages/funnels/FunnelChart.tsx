import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Funnel as Answer } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { Failure, Waiting } from '../../components/States'
import { count, plural } from '../../format/number'
import { fieldLabel, valueLabel } from '../../state/filter'
import { type Funnel, funnelParams, funnelPart } from '../../state/funnel'
import { changeParams, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { question, sourceNames } from '../../state/workspace'
import { funnelHead, funnelRows, rate, stepBars, took } from './marks'

const breakdowns = ['channel', 'outcome', 'topic', 'agent_id', 'model', 'source', 'language']
const small = 30

/** How many come how far: a bar for each step, and what drops out before it. */
export function FunnelChart({ funnel }: { funnel: Funnel }) {
  const by = breakdowns.find((b) => b === params.value.get('by')) ?? ''
  const asked = funnel.person && !['channel', 'agent_id', 'source'].includes(by) ? '' : by
  const { data, error, loading, reload } = useGet<Answer>(apiUrl('funnel', { ...question.value, ...funnelParams(funnel), breakdown: asked || undefined, limit: 8 }))
  const href = (step: number, what: 'reached' | 'dropped' = 'reached') => hrefTo('/conversations', { ...view.value, funnel: funnelPart(funnel, step, what) })
  const one = funnel.person ? 'person' : 'conversation'
  const many = funnel.person ? 'people' : 'conversations'
  const opens = funnel.person ? 'their conversations' : 'the conversations'
  return (
    <Figure title="Funnel" sub={data && `${plural(data.steps[0]?.n ?? 0, one, many)} at the first step`}
      tools={(
        <label class="small quiet">by <select class="control" value={asked} onChange={(e) => changeParams({ by: e.currentTarget.value || undefined })}>
          <option value="">nothing</option>
          {breakdowns.filter((b) => !funnel.person || ['channel', 'agent_id', 'source'].includes(b)).map((b) => <option key={b} value={b}>{fieldLabel(b)}</option>)}
        </select></label>
      )}
      table={data ? { head: funnelHead, rows: funnelRows(data, href) } : null}>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : (
        <div class={loading ? 'busy' : ''}>
          <ol class="funnel num">
            {stepBars(data.steps).map((b) => (
              <li key={b.number}>
                {b.number > 1 && (
                  <p class="between">
                    <span title="Of the step before">{rate(b.step.rate_from_previous)} go on</span>
                    {b.step.median_ms_from_previous !== null && <span title="Median time from the step before">after {took(b.step.median_ms_from_previous)}</span>}
                    {b.dropped > 0 ? <a class="link" href={href(b.number, 'dropped')} title={`Opens ${opens}`}>{count(b.dropped)} dropped</a> : <span>none dropped</span>}
                  </p>
                )}
                <a class="funnel-bar" href={href(b.number)} title={`Opens ${opens}`} data-step={b.number} data-n={b.step.n}>
                  <span class="fill" style={{ width: `${b.share * 100}%` }} />
                  <span class="whisker" style={{ left: `${b.low * 100}%`, width: `${Math.max(0, b.high - b.low) * 100}%` }} />
                  <span class="clip">{b.number}. {b.step.name}</span>
                  <b>{count(b.step.n)}</b>
                  <span class="share">{rate(b.step.rate_from_first)}<small>{b.number > 1 && b.step.interval && ` ${rate(b.low)} to ${rate(b.high)}`}</small></span>
                </a>
              </li>
            ))}
          </ol>
          {data.groups.length > 0 && <Groups data={data} by={asked} />}
        </div>
      )}
    </Figure>
  )
}

/** The funnel of each value of a field. */
function Groups({ data, by }: { data: Answer; by: string }) {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={`Funnel by ${fieldLabel(by)}`}>
      <table class="table">
        <thead><tr><th scope="col">{fieldLabel(by)}</th>{data.steps.map((s, i) => <th key={i} scope="col" class="right">{i + 1}. {s.name}</th>)}</tr></thead>
        <tbody>
          {data.groups.map((g) => (
            <tr key={String(g.keys[0])}>
              <th scope="row">{g.label ?? valueLabel(by, g.keys[0] ?? null, sourceNames.value)}{(g.steps[0]?.n ?? 0) < small && <span class="quiet tiny"> small</span>}</th>
              {g.steps.map((s, i) => <td key={i} class="right num">{count(s.n)} <span class="quiet tiny">{i > 0 && rate(s.rate_from_first)}</span></td>)}
            </tr>
          ))}
        </tbody>
      </table>
      {data.groups_total > data.groups.length && <p class="tiny quiet more">and {count(data.groups_total - data.groups.length)} more</p>}
    </div>
  )
}
