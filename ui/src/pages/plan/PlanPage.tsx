import { useState } from 'preact/hooks'
import { ask, apiUrl } from '../../api/client'
import { useAction } from '../../api/action'
import { useGet } from '../../api/resource'
import type { Plan } from '../../api/types'
import { Dialog } from '../../components/Dialog'
import { Popover } from '../../components/Popover'
import { Empty, Failure, Waiting } from '../../components/States'
import { dateTime } from '../../format/time'
import { navigate, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, sourceNames, zone } from '../../state/workspace'
import { NewPlan } from '../plans/NewPlan'
import { Draft } from './Draft'
import { Editor } from './Editor'
import { planHref } from './link'
import { Reference } from './Reference'
import { Trial } from './Trial'
import { Versions } from './Versions'

/** One plan: to read, to change, its versions. */
export function PlanPage({ name }: { name: string }) {
  const version = Number(params.value.get('version')) || undefined
  const path = `plans/${encodeURIComponent(name)}`
  const { data, error, reload } = useGet<Plan>(apiUrl(version ? `${path}/versions/${version}` : path))
  if (error?.status === 404) return <Empty title={version ? 'There is no such version' : 'There is no such plan'}><p><a href={hrefTo('/data/plans', view.value)}>All plans</a></p></Empty>
  if (error) return <Failure error={error} retry={reload} />
  if (!data || data.name !== name) return <Waiting />
  const tab = params.value.get('tab') ?? ''
  const tabs = [['', 'Reference'], ['text', data.builtin || version || !mayEdit.value ? 'Text' : 'Edit'], ...(data.builtin ? [] : [['versions', 'Versions']])] as const
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <p class="crumbs"><a href={hrefTo('/data/plans', view.value)}>Plans</a></p>
          <h1>{data.name} {data.builtin ? <span class="mark">built in</span> : <span class="mark">version {data.version}</span>}</h1>
          {data.description && <p class="sub">{data.description}</p>}
        </div>
        <Tools plan={data} />
      </div>
      {version && <p class="notice"><span>This is version {version}, as it was{data.created_at && ` published ${dateTime(data.created_at, zone.value)}`}{data.created_by && ` by ${data.created_by}`}{data.note && `: ${data.note}`}.</span> <a class="link" href={planHref(name, view.value)}>The newest version</a></p>}
      <p class="small quiet followers">{data.sources.length === 0 ? 'No source follows this plan. Choose it on the page of a source.' : <>Followed by {data.sources.map((s, i) => <span key={s}>{i > 0 && ', '}<a class="link" href={hrefTo(`/data/sources/${encodeURIComponent(s)}`, view.value)}>{sourceNames.value.get(s) ?? s}</a></span>)}. <a class="link" href={hrefTo('/data/violations', view.value, { plan: name })}>Violations</a></>}</p>
      <nav class="tabs" aria-label="Parts of the plan">
        {tabs.map(([key, title]) => <a key={key} href={planHref(name, view.value, { tab: key || undefined, version: version ? String(version) : undefined })} aria-current={tab === key ? 'page' : undefined}>{title}</a>)}
      </nav>
      <div class="tab-body">
        {tab === 'versions' && !data.builtin ? <Versions key={data.version} plan={data} />
          : tab === 'text' ? (data.builtin || version || !mayEdit.value ? <ReadOnly plan={data} /> : <Draft plan={data} published={reload} />)
            : <Reference plan={data} />}
      </div>
    </>
  )
}

/** The text of a plan that cannot be changed here, and a test of it. */
function ReadOnly({ plan }: { plan: Plan }) {
  return (
    <div class="draft">
      <Editor text={plan.text} onInput={() => {}} readOnly />
      <Trial name={plan.name} version={plan.builtin ? undefined : plan.version} />
    </div>
  )
}

function Tools({ plan }: { plan: Plan }) {
  const [asking, setAsking] = useState<'' | 'copy' | 'delete'>('')
  const { busy, error, run } = useAction()
  const close = () => setAsking('')
  const remove = () => run(async () => {
    await ask(apiUrl(`plans/${encodeURIComponent(plan.name)}`), { method: 'DELETE' })
    navigate(hrefTo('/data/plans', view.value))
  })
  const file = (format: string) => apiUrl(`plans/${encodeURIComponent(plan.name)}/export`, { format, version: plan.builtin ? undefined : plan.version })
  return (
    <div class="row">
      <Popover label="Export the plan" button="Export" align="right">
        {() => ([['yaml', 'YAML'], ['json', 'JSON'], ['segment', 'Segment’s format']] as const).map(([format, label]) => (
          <a key={format} class="menu-item" href={file(format)} download={`${plan.name}${format === 'segment' ? '.segment' : ''}.${format === 'yaml' ? 'yaml' : 'json'}`}>{label}</a>
        ))}
      </Popover>
      {mayEdit.value && plan.builtin && <button type="button" class="button primary" onClick={() => setAsking('copy')}>Copy, to change it</button>}
      {mayEdit.value && !plan.builtin && <button type="button" class="button danger" onClick={() => setAsking('delete')}>Delete</button>}
      {asking === 'copy' && <NewPlan builtin={plan.name} onClose={close} />}
      {asking === 'delete' && (
        <Dialog label="Delete the plan" onClose={close}>
          <div class="dialog-body">
            <h1>Delete {plan.name}?</h1>
            <p>{plan.sources.length > 0 ? 'Sources follow it. Let them follow another plan, or none, first.' : 'All its versions go. Violations that were counted stay readable.'}</p>
            {error && <Failure error={error} />}
            <div class="dialog-foot"><button type="button" class="button" onClick={close}>Cancel</button><button type="button" class="button danger" disabled={busy || plan.sources.length > 0} onClick={remove}>Delete with all versions</button></div>
          </div>
        </Dialog>
      )}
    </div>
  )
}
