import { useEffect, useState } from 'preact/hooks'
import { ask, apiUrl } from '../../api/client'
import { useAction } from '../../api/action'
import { useGet } from '../../api/resource'
import type { Enforcement, PlanAction, PlanList, PlanVersionList, Source, SourcePlan as Setting } from '../../api/types'
import { Failure, Waiting } from '../../components/States'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, sourceNames, sources } from '../../state/workspace'
import { planHref } from '../plan/link'
import { actionOf, actions, callTypes, consequence, controls, withAction } from './enforcement'

/** The plan that a source follows, and what becomes of calls that deviate. */
export function SourcePlan({ source }: { source: Source }) {
  const url = apiUrl(`sources/${encodeURIComponent(source.id)}/plan`)
  const { data, error, reload } = useGet<Setting>(url)
  return (
    <section class="source-plan">
      <h2>Plan</h2>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : <Form key={JSON.stringify(data)} setting={data} url={url} saved={reload} />}
    </section>
  )
}

function Form({ setting, url, saved }: { setting: Setting; url: string; saved: () => void }) {
  const [plan, setPlan] = useState(setting.plan)
  const [version, setVersion] = useState(setting.version)
  const [enforcement, setEnforcement] = useState<Enforcement>(setting.enforcement)
  const plans = useGet<PlanList>(apiUrl('plans'))
  const [said, say] = useState('')
  const { busy, error, run } = useAction()
  const chosen = plans.data?.plans.find((p) => p.name === plan)
  const versions = useGet<PlanVersionList>(chosen && !chosen.builtin ? apiUrl(`plans/${encodeURIComponent(plan)}/versions`) : null)
  const changed = JSON.stringify([plan, version, enforcement]) !== JSON.stringify([setting.plan, setting.version, setting.enforcement])
  const locked = !mayEdit.value
  useEffect(() => say(''), [plan, version, enforcement])

  const save = (event: Event) => {
    event.preventDefault()
    void run(async () => {
      await ask<Setting>(url, { method: 'PUT', body: { plan, version: plan && !chosen?.builtin ? version : 'latest', enforcement: plan ? enforcement : {} } })
      say('Saved.')
      saved()
    })
  }
  return (
    <form onSubmit={save}>
      {setting.problem && <p class="notice warn">{setting.problem}</p>}
      <div class="row">
        <label class="field"><span>Follows</span>
          <select class="control" disabled={locked} value={plan} onChange={(e) => { setPlan(e.currentTarget.value); setVersion('latest') }}>
            <option value="">no plan</option>
            {plan && !chosen && <option value={plan}>{plan}</option>}
            {[false, true].map((builtin) => {
              const list = plans.data?.plans.filter((p) => p.builtin === builtin) ?? []
              return list.length > 0 && <optgroup key={String(builtin)} label={builtin ? 'Built in' : 'Own'}>{list.map((p) => <option key={p.name} value={p.name}>{p.name}</option>)}</optgroup>
            })}
          </select>
        </label>
        {chosen && !chosen.builtin && (
          <label class="field"><span>Version</span>
            <select class="control" disabled={locked} value={String(version)} onChange={(e) => setVersion(e.currentTarget.value === 'latest' ? 'latest' : Number(e.currentTarget.value))}>
              <option value="latest">the latest</option>
              {typeof version === 'number' && !versions.data && <option value={version}>{version}</option>}
              {versions.data?.versions.map((v) => <option key={v.version} value={v.version}>{v.version}</option>)}
            </select>
          </label>
        )}
      </div>
      {plan === '' ? <p class="small quiet">Calls are checked for nothing beyond what their vocabulary needs. <a href={hrefTo('/data/plans', view.value)}>Plans</a></p> : <Controls enforcement={enforcement} change={setEnforcement} locked={locked} />}
      {plan !== '' && <p class="consequence" role="status">{consequence(enforcement, sourceNames.value)}</p>}
      {error && <Failure error={error} />}
      <div class="row">
        {!locked && <button class="button primary" disabled={!changed || busy}>{busy ? 'Saving …' : 'Save'}</button>}
        <span class="small quiet" role="status">{said || (changed ? 'It holds for calls from now on; what was held back before can be replayed.' : '')}</span>
        {setting.plan && <span class="small"><a class="link" href={planHref(setting.plan, view.value)}>Read the plan</a> · <a class="link" href={hrefTo('/data/violations', view.value, { plan: setting.plan })}>Violations</a> · <a class="link" href={hrefTo('/data/quarantine', view.value)}>Quarantine</a></span>}
      </div>
    </form>
  )
}

function Controls({ enforcement, change, locked }: { enforcement: Enforcement; change: (e: Enforcement) => void; locked: boolean }) {
  const forward = (key: 'forward_violations_to' | 'forward_blocked_to', title: string) => (
    <label class="field"><span>{title}</span>
      <select class="control" disabled={locked} value={enforcement[key] ?? ''} onChange={(e) => {
        const { [key]: _, ...rest } = enforcement
        change(e.currentTarget.value ? { ...rest, [key]: e.currentTarget.value } : rest)
      }}>
        <option value="">nowhere</option>
        {sources.value.map((s) => <option key={s.id} value={s.id}>{s.name}</option>)}
      </select>
    </label>
  )
  return (
    <>
      <div class="table-wrap" tabIndex={0} role="region" aria-label="What becomes of calls that deviate">
        <table class="table controls">
          <thead><tr><th scope="col">Calls</th>{controls.map((c) => <th key={c.control} scope="col" title={c.of}>{c.title}</th>)}</tr></thead>
          <tbody>
            {callTypes.map((type) => (
              <tr key={type}>
                <th scope="row">{type}</th>
                {controls.map((c) => (
                  <td key={c.control}>
                    <select class="control" disabled={locked} aria-label={`${c.title} of ${type} calls`} value={actionOf(enforcement, type, c.control)} onChange={(e) => change(withAction(enforcement, type, c.control, e.currentTarget.value as PlanAction))}>
                      {actions.map((a) => <option key={a.action} value={a.action} title={a.does}>{a.title}</option>)}
                    </select>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <label class="check small"><input type="checkbox" disabled={locked} checked={enforcement.strict ?? false} onChange={(e) => { const { strict: _, ...rest } = enforcement; change(e.currentTarget.checked ? { ...rest, strict: true } : rest) }} />Strict: what was odd but understood is a violation too</label>
      <div class="row">{forward('forward_violations_to', 'Tell of violations in')}{forward('forward_blocked_to', 'Send blocked calls to')}</div>
    </>
  )
}
