import { useState } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { IdentityGraph, Person, PersonProfile } from '../../api/types'
import { Empty, Failure, Waiting } from '../../components/States'
import { plural } from '../../format/number'
import { useKeys } from '../../shell/keys'
import { changeParams, navigate, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit } from '../../state/workspace'
import { IdentityPanel } from '../identity/IdentityPanel'
import { MergeDialog } from '../identity/MergeDialog'
import { EventsPanel } from './EventsPanel'
import { ProfilePanel } from './ProfilePanel'

const tabs = [['', 'Profile'], ['events', 'Events'], ['identity', 'Identity']] as const

/** One person: who it is, what was said, what was done, and which ids are theirs. */
export function PersonPage({ id }: { id: string }) {
  const tab = tabs.find(([name]) => name === params.value.get('tab'))?.[0] ?? ''
  const merging = params.value.get('do') === 'merge'
  const person = useGet<Person>(apiUrl(`people/${encodeURIComponent(id)}`))
  const graph = useGet<IdentityGraph>(apiUrl(`people/${encodeURIComponent(id)}/identity`))
  const profile = useGet<PersonProfile>(apiUrl(`people/${encodeURIComponent(id)}/profile`))
  const [told, tell] = useState('')
  const { error } = person
  const data = person.data ?? (error?.status === 404 && graph.data ? rowless(id, graph.data) : undefined)
  const name = data?.name ?? id
  const reload = () => { person.reload(); graph.reload(); profile.reload() }
  const changing = person.reloading || graph.reloading || profile.reloading
  const ask = () => changeParams({ do: 'merge' })
  const may = mayEdit.value && graph.data !== undefined
  useKeys([
    ...tabs.map(([key, title], i) => ({ key: String(i + 1), does: `${title} of the person`, run: () => changeParams({ tab: key || undefined }) })),
    ...(may ? [{ key: 'm', does: 'Merge the person with another', run: (e: KeyboardEvent) => { e.preventDefault(); ask() } }] : []),
    { key: 'u', does: 'Back to all people', run: () => navigate(hrefTo('/people', view.value)) },
  ])
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <p class="crumbs"><a href={hrefTo('/people', view.value)}>People</a></p>
          <h1 class="clip">{name}</h1>
          {graph.data && <p class="sub num">{graph.data.person && name !== graph.data.person && <><code>{graph.data.person}</code> · </>}{plural(graph.data.identifiers.length, 'id')}{graph.data.flags.length > 0 && ' · flagged'}</p>}
        </div>
        {may && <button type="button" class="button" title="M" onClick={ask}>Merge with …</button>}
      </div>
      {error?.status === 404 && graph.loading ? <Waiting /> : error?.status === 404 && !data ? <Empty title="Nobody is known by this id"><p>No event carries the id <code>{id}</code>, whatever its type.</p></Empty>
        : error && !data ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : (
          <>
            <nav class="tabs" aria-label="Parts of the person">
              {tabs.map(([key, title]) => <a key={key} href={hrefTo(`/people/${encodeURIComponent(id)}`, view.value, { tab: key })} aria-current={tab === key ? 'page' : undefined}>{title}</a>)}
            </nav>
            <p class="small quiet told" role="status">{told}</p>
            <div class={`tab-body ${changing ? 'busy' : ''}`}>
              {tab === '' && <ProfilePanel person={data} profile={profile.data} />}
              {tab === 'events' && <EventsPanel person={data.id} />}
              {tab === 'identity' && (graph.error?.status === 404 ? <Empty title="Its ids are not looked at yet"><p>Stored events are taken up in the background after an update. Look again in a while.</p></Empty>
                : graph.error ? <Failure error={graph.error} retry={graph.reload} /> : !graph.data ? <Waiting />
                  : <IdentityPanel graph={graph.data} changed={(what) => { tell(`${what} Figures follow.`); reload() }} />)}
            </div>
          </>
        )}
      {merging && may && data && (
        <MergeDialog person={data.id} other={params.value.get('with') ?? ''} done={(merged) => {
          tell(`Merged: one person now, ${merged.person}.`)
          changeParams({ do: undefined, with: undefined, tab: 'identity' }, { replace: true })
          reload()
        }} />
      )}
    </>
  )
}

/** Somebody without user id and anonymous id: no row is theirs, and what is known is ids. */
function rowless(id: string, graph: IdentityGraph): Person {
  const times = graph.identifiers.map((i) => i.first_at).sort()
  return { id, user_ids: [], anonymous_ids: [], traits: {}, first_seen_at: times[0] ?? '', last_seen_at: times.at(-1) ?? '', conversations: [], conversations_total: 0, events: [] }
}
