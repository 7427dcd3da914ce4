import { useState } from 'preact/hooks'
import { useAction } from '../api/action'
import { apiUrl, ask } from '../api/client'
import type { SavedView } from '../api/types'
import { Icon } from '../components/Icon'
import { Popover } from '../components/Popover'
import { navigate, params, path } from '../state/location'
import { reloadViews, savedViews, viewHref } from '../state/views'
import { mayEdit } from '../state/workspace'

/** Saved views: the page as it is now, under a name; all that a page shows is in its address. */
export function Views() {
  return (
    <Popover class="views-menu" label="Saved views" buttonClass="button square" button={<Icon name="bookmark" />}>
      {(close) => <Menu close={close} />}
    </Popover>
  )
}

function Menu({ close }: { close: () => void }) {
  const [name, setName] = useState('')
  const act = useAction()
  const change = (what: () => Promise<unknown>) => act.run(async () => {
    await what()
    await reloadViews()
  })
  const save = async (event: Event) => {
    event.preventDefault()
    const done = await change(() => ask(apiUrl('views'), { method: 'POST', body: { name: name.trim(), page: path.value, query: params.value.toString() } }))
    if (done) close()
  }
  const open = (v: SavedView) => {
    close()
    navigate(viewHref(v))
  }
  const pin = (v: SavedView) => change(() => ask(apiUrl(`views/${encodeURIComponent(v.id)}`), { method: 'PATCH', body: { pinned: !v.pinned } }))
  const remove = (v: SavedView) => change(() => ask(apiUrl(`views/${encodeURIComponent(v.id)}`), { method: 'DELETE' }))
  return (
    <>
      {savedViews.value.length === 0 && <p class="small quiet">No saved view yet.</p>}
      <ul aria-label="Saved views">
        {savedViews.value.map((v) => (
          <li key={v.id} class="row nowrap">
            <button type="button" class="menu-item clip" onClick={() => open(v)}>{v.name}</button>
            {mayEdit.value && (
              <>
                <button type="button" class="button plain square" aria-pressed={v.pinned} aria-label={`Pin ${v.name}`} title={v.pinned ? 'Pinned: first in the list' : 'Pin'} onClick={() => void pin(v)}><Icon name="flag" /></button>
                <button type="button" class="button plain square" aria-label={`Remove ${v.name}`} title="Remove" onClick={() => void remove(v)}><Icon name="close" /></button>
              </>
            )}
          </li>
        ))}
      </ul>
      {act.error && <p class="small" role="alert">{act.error.message}</p>}
      {mayEdit.value && (
        <form onSubmit={save}>
          <label class="field"><span>Save this page as</span><input class="control" maxLength={100} value={name} onInput={(e) => setName(e.currentTarget.value)} /></label>
          <button class="button" disabled={act.busy || !name.trim()}>Save</button>
        </form>
      )}
    </>
  )
}
