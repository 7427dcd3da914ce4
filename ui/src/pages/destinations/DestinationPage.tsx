import { useEffect, useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { ask, apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Destination, DestinationCatalogue, DestinationTest } from '../../api/types'
import { Dialog } from '../../components/Dialog'
import { Empty, Failure, Waiting } from '../../components/States'
import { plural } from '../../format/number'
import { navigate, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, sourceNames } from '../../state/workspace'
import { Backfills } from './Backfills'
import { DeadLetters } from './DeadLetters'
import { DestinationForm } from './DestinationForm'
import { changeBody, computedSource, filterWords } from './form'
import { Health } from './Health'
import { destinationHref } from './link'
import { stateOf } from './steps'
import { TestAnswer } from './Trial'

const tabs = [['', 'Health'], ['dead', 'Dead letters'], ['backfill', 'Backfill'], ['settings', 'Settings']] as const
const refreshMs = 3000

/** One destination: how it is doing, what was given up, what it gets. */
export function DestinationPage({ id }: { id: string }) {
  const path = `destinations/${encodeURIComponent(id)}`
  const one = useGet<Destination>(apiUrl(path))
  const kinds = useGet<DestinationCatalogue>(apiUrl('destinations/catalogue'))
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) one.reload() }, refreshMs)
    return () => clearInterval(timer)
  }, [id])
  if (one.error?.status === 404) return <Empty title="There is no such destination"><p><a href={hrefTo('/data/destinations', view.value)}>All destinations</a></p></Empty>
  const d = one.data?.id === id ? one.data : undefined
  if (one.error && !d) return <Failure error={one.error} retry={one.reload} />
  if (!d) return <Waiting />
  const kind = kinds.data?.destinations.find((k) => k.name === d.kind)
  const tab = tabs.find(([key]) => key === params.value.get('tab'))?.[0] ?? ''
  const state = stateOf(d.health)
  const save = async (draft: Parameters<typeof changeBody>[0]) => {
    await ask(apiUrl(path), { method: 'PATCH', body: changeBody(draft) })
    one.reload()
  }
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <p class="crumbs"><a href={hrefTo('/data/destinations', view.value)}>Destinations</a></p>
          <h1>{d.name} <span class={`mark ${state.tone}`}>{state.word}</span></h1>
          <p class="sub">{kind?.title ?? d.kind}: {filterWords(d.filter, (s) => (s === computedSource.id ? computedSource.name : sourceNames.value.get(s) ?? s))}</p>
        </div>
        {mayEdit.value && <Tools destination={d} path={path} changed={one.reload} />}
      </div>
      <nav class="tabs" aria-label="Parts of the destination">
        {tabs.map(([key, title]) => <a key={key} href={destinationHref(id, view.value, { tab: key || undefined })} aria-current={tab === key ? 'page' : undefined}>{title}{key === 'dead' && d.health.dead > 0 && <span class="quiet num"> {d.health.dead}</span>}</a>)}
      </nav>
      <div class="tab-body">
        {tab === 'settings' ? (kinds.error ? <Failure error={kinds.error} retry={kinds.reload} /> : kind ? <DestinationForm kind={kind} destination={d} submit="Save" save={save} /> : <Waiting />)
          : tab === 'dead' ? <DeadLetters path={path} total={d.health.dead} changed={one.reload} />
            : tab === 'backfill' ? <Backfills path={path} />
              : <Health destination={d} path={path} />}
      </div>
    </>
  )
}

function Tools({ destination: d, path, changed }: { destination: Destination; path: string; changed: () => void }) {
  const [answer, setAnswer] = useState<DestinationTest | null>(null)
  const [asking, setAsking] = useState(false)
  const { busy, error, run } = useAction()
  const test = () => {
    setAnswer(null)
    void run(async () => setAnswer(await ask<DestinationTest>(apiUrl(`${path}/test`), { method: 'POST' })))
  }
  const turn = () => run(async () => {
    await ask(apiUrl(`${path}/${d.enabled ? 'pause' : 'resume'}`), { method: 'POST' })
    changed()
  })
  const remove = () => run(async () => {
    await ask(apiUrl(path), { method: 'DELETE' })
    navigate(hrefTo('/data/destinations', view.value))
  })
  return (
    <>
      <div class="row">
        <button type="button" class="button" disabled={busy} onClick={test}>Test connection</button>
        <button type="button" class="button" disabled={busy} onClick={turn}>{d.enabled ? 'Pause' : 'Resume'}</button>
        <button type="button" class="button danger" onClick={() => setAsking(true)}>Delete</button>
      </div>
      <div class="tools-said" role="status">
        {busy && <span class="small quiet">Asking …</span>}
        {answer && <TestAnswer answer={answer} />}
      </div>
      {error && !asking && <Failure error={error} />}
      {asking && (
        <Dialog label="Delete the destination" onClose={() => setAsking(false)}>
          <div class="dialog-body">
            <h1>Delete {d.name}?</h1>
            <p>{d.health.waiting + d.health.dead > 0 ? `${plural(d.health.waiting + d.health.dead, 'call')} that wait for it or were given up go with it.` : 'Nothing waits for it.'} What was delivered stays where it is.</p>
            {error && <Failure error={error} />}
            <div class="dialog-foot"><button type="button" class="button" autofocus onClick={() => setAsking(false)}>Cancel</button><button type="button" class="button danger" disabled={busy} onClick={remove}>Delete with all that waits</button></div>
          </div>
        </Dialog>
      )}
    </>
  )
}
