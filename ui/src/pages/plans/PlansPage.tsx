import { useState } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { PlanList, PlanRow } from '../../api/types'
import { Empty, Failure, Waiting } from '../../components/States'
import { count } from '../../format/number'
import { ago } from '../../format/time'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, sourceNames, zone } from '../../state/workspace'
import { planHref } from '../plan/link'
import { NewPlan } from './NewPlan'

/** What should come in: the plans of the workspace, and those that come with the program. */
export function PlansPage() {
  const [adding, setAdding] = useState(false)
  const { data, error, reload } = useGet<PlanList>(apiUrl('plans'))
  const own = data?.plans.filter((p) => !p.builtin) ?? []
  return (
    <>
      <div class="page-head">
        <div><h1>Plans</h1><p class="sub">A plan says what a source may send. Every call is checked as it comes in; nothing that is held back is lost.</p></div>
        {mayEdit.value && <button type="button" class="button primary" onClick={() => setAdding(true)}>Add a plan</button>}
      </div>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : (
        <div class="plans">
          {own.length === 0
            ? <Empty title="No plans of your own yet"><p>Begin with a copy of a built-in plan, import one of Segment’s, or push a file with <code>debrief plan push</code>. Then choose it on the page of a <a href={hrefTo('/data/sources', view.value)}>source</a>: at first every call passes, and deviations are only counted.</p></Empty>
            : <Table label="Own plans" plans={own} />}
          <section><h2>Built in <span class="quiet small">sources can follow them as they are; copy one to change it</span></h2><Table label="Built-in plans" plans={data.plans.filter((p) => p.builtin)} /></section>
        </div>
      )}
      {adding && <NewPlan onClose={() => setAdding(false)} />}
    </>
  )
}

function Table({ label, plans }: { label: string; plans: readonly PlanRow[] }) {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={label}>
      <table class="table">
        <thead><tr><th scope="col">Plan</th><th scope="col" class="first">What</th><th scope="col" class="right">Events</th><th scope="col">Followed by</th><th scope="col">Changed</th></tr></thead>
        <tbody>
          {plans.map((p) => (
            <tr key={p.name}>
              <td class="nowrap"><a href={planHref(p.name, view.value)}>{p.name}</a> {!p.builtin && <span class="quiet tiny">version {p.version}</span>}</td>
              <td class="first">{p.description}</td>
              <td class="right">{count(p.events)}</td>
              <td>{p.sources.length === 0 ? <span class="quiet">nobody</span> : p.sources.map((s, i) => <span key={s}>{i > 0 && ', '}<a class="link" href={hrefTo(`/data/sources/${encodeURIComponent(s)}`, view.value)}>{sourceNames.value.get(s) ?? s}</a></span>)}</td>
              <td class="num nowrap">{p.updated_at ? <>{ago(p.updated_at, zone.value)}{p.updated_by && <span class="quiet"> by {p.updated_by}</span>}</> : <span class="quiet">–</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
