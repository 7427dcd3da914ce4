import { useState } from 'preact/hooks'
import { ApiError, ask, apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { CodeCount, Quality, Source } from '../../api/types'
import { Dialog } from '../../components/Dialog'
import { Failure } from '../../components/States'
import { count } from '../../format/number'
import { ofTrace } from '../../format/repairs'
import { ago } from '../../format/time'
import { navigate, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { bounds, mayEdit, reloadSources, sources, zone } from '../../state/workspace'

/** Where events come from, and whether they are right. */
export function SourcesPage() {
  const [adding, setAdding] = useState(false)
  return (
    <>
      <div class="page-head">
        <h1>Sources</h1>
        {mayEdit.value && <button type="button" class="button primary" onClick={() => setAdding(true)}>Add a source</button>}
      </div>
      <div class="table-wrap">
        <table class="table">
          <thead><tr><th scope="col">Source</th><th scope="col">Last event</th><th scope="col" class="right">Events</th><th scope="col" class="right">Repairs</th><th scope="col" class="right">Violations</th><th scope="col" class="right">Rejected</th></tr></thead>
          <tbody>{sources.value.map((s) => <Row key={s.id} source={s} />)}</tbody>
        </table>
      </div>
      <p class="small quiet more">Events, repairs and violations are of the range shown; rejected calls of all time. Nothing is dropped in silence: every call is stored, or rejected with a reason.</p>
      {adding && <AddSource onClose={() => setAdding(false)} />}
    </>
  )
}

function Row({ source }: { source: Source }) {
  const { data, error } = useGet<Quality>(apiUrl(`sources/${encodeURIComponent(source.id)}/quality`, { ...bounds.value }))
  const total = (codes: readonly CodeCount[] | undefined) => (codes ? count(codes.reduce((n, c) => n + c.count, 0)) : '…')
  return (
    <tr>
      <td><a href={hrefTo(`/data/sources/${encodeURIComponent(source.id)}`, view.value)}>{source.name}</a>{!source.enabled && <> <span class="mark">disabled</span></>}</td>
      {error ? <td colSpan={5}>{error.message}</td> : (
        <>
          <td class="num">{data ? (data.last_event_at ? ago(data.last_event_at, zone.value) : <span class="quiet">none yet</span>) : '…'}</td>
          <td class="right">{data ? count(data.events) : '…'}</td>
          <td class="right">{total(data?.repairs.filter((c) => !ofTrace(c.code)))}</td>
          <td class="right">{total(data?.violations)}</td>
          <td class="right">{total(data?.rejections)}</td>
        </>
      )}
    </tr>
  )
}

function AddSource({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [error, setError] = useState<ApiError | null>(null)
  const add = async (event: Event) => {
    event.preventDefault()
    try {
      const made = await ask<Source>(apiUrl('sources'), { method: 'POST', body: { name: name.trim() } })
      await reloadSources()
      onClose()
      navigate(hrefTo(`/data/sources/${encodeURIComponent(made.id)}`, view.value))
    } catch (e) {
      if (e instanceof ApiError) setError(e)
    }
  }
  return (
    <Dialog label="Add a source" onClose={onClose}>
      <form class="dialog-body" onSubmit={add}>
        <h1>Add a source</h1>
        <label class="field"><span>Name</span><input class="control" required maxLength={200} placeholder="Web app" autofocus value={name} onInput={(e) => setName(e.currentTarget.value)} /></label>
        <p class="small quiet">One for each place that events come from: a web app, a mobile app, a backend. Each gets a write key of its own.</p>
        {error && <Failure error={error} />}
        <div class="dialog-foot"><button type="button" class="button" onClick={onClose}>Cancel</button><button class="button primary" disabled={!name.trim()}>Add</button></div>
      </form>
    </Dialog>
  )
}
