import { useState } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { PlanList, ViolationGroup, ViolationList } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { Sparkline } from '../../charts/Sparkline'
import { Empty, Failure, Waiting } from '../../components/States'
import { explain } from '../../format/codes'
import { count, plural } from '../../format/number'
import { ago, dateTime } from '../../format/time'
import { onlySource } from '../../state/filter'
import { changeParams, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { bounds, sourceNames, zone } from '../../state/workspace'
import { journeyHref } from '../journey/link'
import { planHref } from '../plan/link'
import { Checks } from './Checks'
import { daily } from './days'

const kinds = ['unplanned_event', 'unplanned_property', 'required_missing', 'type_mismatch', 'constraint', 'repair', 'unknown'] as const

/** In which ways calls deviate from their plans, and what whole conversations lack. */
export function ViolationsPage() {
  const source = onlySource(view.value.filters)
  const own = (key: string) => params.value.get(key) ?? undefined
  const asked = { plan: own('plan'), event: own('event'), kind: own('kind') }
  const { data, error, loading, reload } = useGet<ViolationList>(apiUrl('violations', { ...bounds.value, source, ...asked }))
  const plans = useGet<PlanList>(apiUrl('plans'))
  const narrowed = Object.values(asked).some(Boolean)
  const groups = data?.violations ?? []
  return (
    <>
      <div class="page-head">
        <h1>Violations</h1>
        <div class="row">
          <Choice label="Plan" all="All plans" param="plan" value={asked.plan} values={(plans.data?.plans ?? []).filter((p) => !p.builtin || p.sources.length > 0).map((p) => p.name)} />
          <Choice label="Kind" all="All kinds" param="kind" value={asked.kind} values={kinds} />
          <Choice label="Event" all="All events" param="event" value={asked.event} values={[...new Set(groups.map((g) => g.event))].sort()} />
        </div>
      </div>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : (
        <div class={`violations ${loading ? 'busy' : ''}`}>
          {groups.length === 0 ? <None narrowed={narrowed} followed={(plans.data?.plans ?? []).some((p) => p.sources.length > 0)} /> : (
            <Figure title="Ways of deviating" sub={`${plural(data.total, 'way')}, ${plural(groups.reduce((n, g) => n + g.count, 0), 'violation')}; days are those of receipt, in UTC`} table={{
              head: ['Event', 'Kind', 'Field', 'Description', 'Source', 'Plan', 'Version', 'Count', 'First seen', 'Last seen'],
              rows: groups.map((g) => ({ cells: [g.event, g.kind, g.field, g.description, sourceNames.value.get(g.source) ?? g.source, g.plan, g.version, g.count, g.first_seen, g.last_seen] })),
            }}>
              <ul class="ways">{groups.map((g) => <Group key={[g.source, g.plan, g.version, g.kind, g.event, g.field, g.description].join('\n')} group={g} />)}</ul>
              {data.total > groups.length && <p class="small quiet">The {count(groups.length)} most frequent are shown. Narrow them to see others.</p>}
            </Figure>
          )}
          <Checks source={source} />
        </div>
      )}
    </>
  )
}

function Choice(props: { label: string; all: string; param: string; value: string | undefined; values: readonly string[] }) {
  const { value, values } = props
  return (
    <select class="control" aria-label={props.label} value={value ?? ''} onChange={(e) => changeParams({ [props.param]: e.currentTarget.value || undefined })}>
      <option value="">{props.all}</option>
      {value !== undefined && !values.includes(value) && <option value={value}>{value}</option>}
      {values.map((v) => <option key={v} value={v}>{v.replaceAll('_', ' ')}</option>)}
    </select>
  )
}

function None({ narrowed, followed }: { narrowed: boolean; followed: boolean }) {
  if (narrowed) return <Empty title="No violations of that kind in this range"><p>Choose another range, or fewer conditions.</p></Empty>
  return followed
    ? <Empty title="No violations in this range"><p>Every call of the sources that follow a plan was as planned.</p></Empty>
    : <Empty title="No source follows a plan"><p>Calls are checked once a source follows a plan. Begin with a <a href={hrefTo('/data/plans', view.value)}>built-in one</a>: every call still passes, and deviations are counted here.</p></Empty>
}

function Group({ group: g }: { group: ViolationGroup }) {
  const [open, setOpen] = useState(false)
  const { meaning, fix } = explain(g.kind, 'deviation')
  const narrow = (change: Record<string, string>) => () => changeParams(change)
  return (
    <li>
      <div class="way-row">
        <div class="what">
          <button type="button" class="linkish strong" onClick={narrow({ event: g.event })}>{g.event}</button>{' '}
          {g.field && <code>{g.field}</code>} <span>{g.description}</span>
          <p class="tiny quiet">
            <button type="button" class="linkish" title={meaning} onClick={narrow({ kind: g.kind })}>{g.kind}</button> · {sourceNames.value.get(g.source) ?? g.source} · <a href={planHref(g.plan, view.value, { version: String(g.version) })}>{g.plan}, version {g.version}</a>
          </p>
        </div>
        <Sparkline values={daily(g.series, bounds.value.from, bounds.value.until)} />
        <div class="right num"><b>{count(g.count)}</b></div>
        <div class="num small quiet seen"><span title={dateTime(g.first_seen, zone.value)}>first {ago(g.first_seen, zone.value)}</span><span title={dateTime(g.last_seen, zone.value)}>last {ago(g.last_seen, zone.value)}</span></div>
        <button type="button" class="button plain" aria-expanded={open} onClick={() => setOpen(!open)}>Examples</button>
      </div>
      {open && (
        <div class="way-more small">
          <p>{meaning} {fix && <span class="fix"><b>Fix:</b> {fix}</span>}</p>
          <ul>{g.examples.map((id) => <li key={id}><a class="link mono" href={journeyHref(id, view.value)}>{id}</a></li>)}</ul>
        </div>
      )}
    </li>
  )
}
