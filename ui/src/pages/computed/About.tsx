import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { DestinationList, NewTrait } from '../../api/types'
import { keyOf } from './words'

type Common = Pick<NewTrait, 'key' | 'name' | 'doc' | 'emit' | 'destinations'>

/** What a trait or an audience is called, and how changes of it are told. */
export function About<T extends Common>({ draft, change, fixed, what }: { draft: T; change: (next: T) => void; fixed: boolean; what: string }) {
  const rename = (name: string) => change({ ...draft, name, ...(!fixed && (draft.key === '' || draft.key === keyOf(draft.name)) ? { key: keyOf(name) } : {}) })
  return (
    <>
      <div class="row about">
        <label class="field"><span>Name</span><input class="control" required autoFocus={!fixed} maxLength={200} value={draft.name} onInput={(e) => rename(e.currentTarget.value)} /></label>
        <label class="field"><span>Key, for code</span><input class="control mono" required disabled={fixed} pattern="[a-z][a-z0-9_]*" maxLength={64} title="Lower-case letters, digits and _, a letter first" value={draft.key} onInput={(e) => change({ ...draft, key: e.currentTarget.value })} /></label>
        <label class="field"><span>Changes are told as</span>
          <select class="control" value={draft.emit ?? 'identify'} onChange={(e) => change({ ...draft, emit: e.currentTarget.value as NonNullable<Common['emit']> })}>
            <option value="identify">identify calls</option><option value="track">track calls</option><option value="none">nothing</option>
          </select>
        </label>
      </div>
      {draft.emit !== 'none' && <Told chosen={draft.destinations ?? []} change={(destinations) => change({ ...draft, destinations })} />}
      <label class="field"><span>What {what} is for</span><input class="control" maxLength={2000} value={draft.doc ?? ''} onInput={(e) => change({ ...draft, doc: e.currentTarget.value })} /></label>
    </>
  )
}

/** The destinations that are told of changes. One that is gone stays until it is taken out: without any, all are told. */
function Told({ chosen, change }: { chosen: readonly string[]; change: (ids: string[]) => void }) {
  const { data } = useGet<DestinationList>(apiUrl('destinations'))
  if (!data) return null
  const gone = chosen.filter((id) => !data.destinations.some((d) => d.id === id)).map((id) => ({ id, name: `${id}, deleted` }))
  const all = [...data.destinations, ...gone]
  if (all.length === 0) return null
  return (
    <fieldset class="field">
      <legend>Destinations that are told <span class="quiet">none chosen: all</span></legend>
      <div class="row">{all.map((d) => <label class="check small" key={d.id}><input type="checkbox" checked={chosen.includes(d.id)} onChange={() => change(chosen.includes(d.id) ? chosen.filter((id) => id !== d.id) : [...chosen, d.id])} />{d.name}</label>)}</div>
    </fieldset>
  )
}
