import { ask, apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Destination, DestinationCatalogue, DestinationKind } from '../../api/types'
import { Empty, Failure, Waiting } from '../../components/States'
import { navigate, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit } from '../../state/workspace'
import { DestinationForm, Example } from './DestinationForm'
import { newBody } from './form'
import { destinationHref } from './link'
import { Prose } from './Prose'

/** What calls can be handed on to, and the form of the kind that is chosen. */
export function NewDestinationPage() {
  const { data, error, reload } = useGet<DestinationCatalogue>(apiUrl('destinations/catalogue'))
  const kind = data?.destinations.find((k) => k.name === params.value.get('kind'))
  const back = kind ? hrefTo('/data/destinations/new', view.value) : hrefTo('/data/destinations', view.value)
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <p class="crumbs"><a href={back}>{kind ? 'All kinds' : 'Destinations'}</a></p>
          <h1>{kind ? `Add ${kind.title}` : 'Add a destination'}</h1>
        </div>
      </div>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting />
        : !mayEdit.value ? <Empty title="You may look, not add"><p>Ask somebody who may edit.</p></Empty>
          : kind ? <One key={kind.name} kind={kind} /> : <Catalogue kinds={data.destinations} />}
    </>
  )
}

function Catalogue({ kinds }: { kinds: readonly DestinationKind[] }) {
  return (
    <ul class="catalogue">
      {kinds.map((k) => (
        <li key={k.name}>
          <h2><a href={hrefTo('/data/destinations/new', view.value, { kind: k.name })}>{k.title}</a></h2>
          <p class="small"><Prose text={k.doc} /></p>
          <p class="tiny quiet">Takes {k.types.join(', ')}.{k.ordered && ' The calls of a person arrive in their order.'} {k.website && <a class="link" href={k.website} target="_blank" rel="noreferrer">Its site</a>}</p>
        </li>
      ))}
    </ul>
  )
}

function One({ kind }: { kind: DestinationKind }) {
  const add = async (draft: Parameters<typeof newBody>[1]) => {
    const made = await ask<Destination>(apiUrl('destinations'), { method: 'POST', body: newBody(kind, draft) })
    navigate(destinationHref(made.id, view.value))
  }
  return (
    <div class="with-help">
      <DestinationForm kind={kind} submit="Add" save={add} />
      <aside aria-label={`About ${kind.title}`}>
        <p class="small"><Prose text={kind.doc} /></p>
        <p class="small quiet">It gets what is accepted from now on. Send older calls with a backfill.</p>
        {kind.mapping === undefined && <Example kind={kind} />}
      </aside>
    </div>
  )
}
