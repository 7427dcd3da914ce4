import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Plan, PlanDiff, PlanVersionList } from '../../api/types'
import { Icon } from '../../components/Icon'
import { Failure, Waiting } from '../../components/States'
import { count } from '../../format/number'
import { dateTime } from '../../format/time'
import { changeParams, params, view } from '../../state/location'
import { zone } from '../../state/workspace'
import { planHref } from './link'

/** The versions of a plan, and what changed between two of them. */
export function Versions({ plan }: { plan: Plan }) {
  const path = `plans/${encodeURIComponent(plan.name)}`
  const { data, error, reload } = useGet<PlanVersionList>(apiUrl(`${path}/versions`))
  if (error) return <Failure error={error} retry={reload} />
  if (!data) return <Waiting />
  const newest = data.versions[0]?.version ?? plan.version
  const to = Number(params.value.get('to')) || newest
  const from = Number(params.value.get('since')) || to - 1
  const choose = (key: string, value: number) => (
    <select class="control" aria-label={key === 'since' ? 'From version' : 'To version'} value={value} onChange={(e) => changeParams({ [key]: e.currentTarget.value }, { replace: true })}>
      {data.versions.map((v) => <option key={v.version} value={v.version}>version {v.version}</option>)}
    </select>
  )
  return (
    <div class="versions">
      <div class="table-wrap">
        <table class="table">
          <thead><tr><th scope="col">Version</th><th scope="col">Why</th><th scope="col" class="right">Events</th><th scope="col">By</th><th scope="col">When</th></tr></thead>
          <tbody>
            {data.versions.map((v) => (
              <tr key={v.version}>
                <td><a href={planHref(plan.name, view.value, { version: v.version === newest ? undefined : String(v.version) })}>version {v.version}</a></td>
                <td>{v.note || <span class="quiet">no note</span>}</td><td class="right">{count(v.events)}</td><td>{v.created_by}</td><td class="num">{v.created_at && dateTime(v.created_at, zone.value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {data.versions.length > 1 && (
        <section>
          <div class="row"><h2>What changed</h2>{choose('since', from)}<span class="small">to</span>{choose('to', to)}</div>
          <Diff url={from === to ? null : apiUrl(`${path}/diff`, { from, to })} />
        </section>
      )}
    </div>
  )
}

function Diff({ url }: { url: string | null }) {
  const { data, error, loading, reload } = useGet<PlanDiff>(url)
  if (url === null) return <p class="small quiet">The same version twice.</p>
  if (error) return <Failure error={error} retry={reload} />
  if (!data) return <Waiting />
  const breaking = data.changes.filter((c) => c.breaking).length
  return (
    <div class={loading ? 'busy' : ''}>
      <p class="small" role="status">{data.changes.length === 0 ? 'Nothing that matters to calls.' : breaking === 0 ? 'No change breaks: calls that conformed still do.' : `${count(breaking)} of ${count(data.changes.length)} changes break: calls that conformed may no longer do.`}</p>
      <ul class="changes">
        {data.changes.map((c, i) => (
          <li key={i}>
            {c.breaking ? <span class="mark bad"><Icon name="warn" />breaking</span> : <span class="mark">compatible</span>}
            <span>{c.event && <b>{c.event} </b>}{c.path && <code>{c.path} </code>}{c.description}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
