import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { ask, apiUrl } from '../../api/client'
import { type Resource, useGet } from '../../api/resource'
import type { CodeFunction } from '../../api/types'
import { Copy } from '../../components/Copy'
import { Dialog } from '../../components/Dialog'
import { Empty, Failure, Waiting } from '../../components/States'
import { navigate, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, sourceNames } from '../../state/workspace'
import { drafts } from './drafts'
import { Deployed } from './FunctionsPage'
import { kinds, limits, thrown } from './kinds'
import { functionHref } from './link'
import { Logs } from './Logs'
import { SettingsForm } from './SettingsForm'
import { Versions } from './Versions'
import { Workshop } from './Workshop'

const tabs = [['', 'Code'], ['settings', 'Settings'], ['versions', 'Versions'], ['logs', 'Logs']] as const

/** One function: its code, what it reads, its versions, how it runs. */
export function FunctionPage({ id }: { id: string }) {
  const one = useGet<CodeFunction>(apiUrl(`functions/${encodeURIComponent(id)}`))
  const fn = one.data?.id === id ? one.data : undefined
  if (one.error?.status === 404) return <Empty title="There is no such function"><p><a href={hrefTo('/data/functions', view.value)}>All functions</a></p></Empty>
  if (one.error && !fn) return <Failure error={one.error} retry={one.reload} />
  if (!fn) return <Waiting />
  const tab = tabs.find(([key]) => key === params.value.get('tab'))?.[0] ?? ''
  const changed = one.reload
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <p class="crumbs"><a href={hrefTo('/data/functions', view.value)}>Functions</a></p>
          <h1>{fn.name} <Deployed fn={fn} /></h1>
          <p class="sub">{kinds[fn.kind].title}. {kinds[fn.kind].does}</p>
        </div>
        {mayEdit.value && <Tools fn={fn} one={one} />}
      </div>
      {fn.kind === 'source' && fn.path && <Address fn={fn} path={fn.path} />}
      <nav class="tabs" aria-label="Parts of the function">
        {tabs.map(([key, title]) => <a key={key} href={functionHref(id, view.value, { tab: key || undefined })} aria-current={tab === key ? 'page' : undefined}>{title}</a>)}
      </nav>
      <div class="tab-body function-page">
        {tab === 'settings' ? <SettingsForm key={`${fn.version} ${fn.updated_at}`} fn={fn} saved={changed} />
          : tab === 'versions' ? <Versions fn={fn} changed={changed} />
            : tab === 'logs' ? <Logs fn={fn} />
              : <><Workshop key={fn.id} fn={fn} changed={changed} /><Bounds /></>}
      </div>
    </>
  )
}

/** Where a source function is posted to. */
function Address({ fn, path }: { fn: CodeFunction; path: string }) {
  const url = new URL(path, location.href).href
  return (
    <div class="address">
      <p class="small">Post to <code>{url}</code> <Copy text={url} label="Copy the address" /></p>
      <p class="small quiet">Its calls count as those of {sourceNames.value.get(fn.source ?? '') ?? fn.source}.{fn.deployed === 0 && ' It answers once it is deployed.'}</p>
    </div>
  )
}

function Tools({ fn, one }: { fn: CodeFunction; one: Resource<CodeFunction> }) {
  const [asking, setAsking] = useState(false)
  const { busy, error, run } = useAction()
  const path = `functions/${encodeURIComponent(fn.id)}`
  const stop = () => run(async () => {
    await ask(apiUrl(`${path}/deploy`), { method: 'POST', body: { version: 0 } })
    one.reload()
  })
  const remove = () => run(async () => {
    await ask(apiUrl(path), { method: 'DELETE' })
    drafts.delete(fn.id)
    navigate(hrefTo('/data/functions', view.value))
  })
  return (
    <div class="row">
      {fn.deployed > 0 && <button type="button" class="button" disabled={busy} onClick={stop}>Run none</button>}
      <button type="button" class="button danger" onClick={() => setAsking(true)}>Delete</button>
      {error && !asking && <Failure error={error} />}
      {asking && (
        <Dialog label="Delete the function" onClose={() => setAsking(false)}>
          <div class="dialog-body">
            <h1>Delete {fn.name}?</h1>
            <p>Its versions and logs go with it. Calls that need it wait, and are given up in time.</p>
            {error && <Failure error={error} />}
            <div class="dialog-foot"><button type="button" class="button" autofocus onClick={() => setAsking(false)}>Cancel</button><button type="button" class="button danger" disabled={busy} onClick={remove}>Delete with all versions</button></div>
          </div>
        </Dialog>
      )}
    </div>
  )
}

function Bounds() {
  return (
    <details class="small">
      <summary>Limits, and what becomes of failures</summary>
      <dl class="facts">{limits.map(([what, says]) => <Fact key={what} what={what} says={says} />)}</dl>
      <p>A call for which this is thrown:</p>
      <dl class="facts">{thrown.map(([what, says]) => <Fact key={what} what={what} says={says} />)}</dl>
    </details>
  )
}

const Fact = ({ what, says }: { what: string; says: string }) => <><dt>{what}</dt><dd>{says}</dd></>
