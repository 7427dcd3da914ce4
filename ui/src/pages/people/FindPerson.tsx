import { useState } from 'preact/hooks'
import { useGet } from '../../api/resource'
import type { NamedPeople } from '../../api/types'
import { Failure } from '../../components/States'
import { plural } from '../../format/number'
import { params } from '../../state/location'
import { typeLabel } from '../identity/words'
import { mostFound, namedUrl, openPerson } from './find'
import { PersonLink } from './PersonLink'

/** A field that opens a person by name or any id; where that is not one person, it says who they are. */
export function FindPerson() {
  const asked = params.value.get('find') ?? ''
  const [text, setText] = useState(asked)
  return (
    <>
      <form class="row find-person" role="search" onSubmit={(e) => { e.preventDefault(); if (text.trim() !== '') void openPerson(text.trim()) }}>
        <input class="control" type="search" aria-label="Find a person by name or any id" placeholder="Name, user id, address …" value={text} onInput={(e) => setText(e.currentTarget.value)} />
        <button class="button" disabled={text.trim() === ''}>Find</button>
      </form>
      {asked !== '' && <Found key={asked} asked={asked} />}
    </>
  )
}

/** Who has an id or a name. */
function Found({ asked }: { asked: string }) {
  const { data, error, reload } = useGet<NamedPeople>(namedUrl(asked))
  if (error) return <Failure error={error} retry={reload} />
  const people = data?.people ?? []
  return (
    <section class="found" aria-label="Found">
      <p class="small quiet" role="status">
        {data && (people.length === 0 ? <>Nobody has the id “{asked}”, or a name with a word that begins so.</>
          : people.length === mostFound ? <>The first {mostFound} people for “{asked}”. More of the name finds fewer.</>
            : <>{plural(people.length, 'person', 'people')} for “{asked}”</>)}
      </p>
      {people.length > 0 && (
        <ul class="plain-list">
          {people.map((p) => <li key={p.id}><PersonLink id={p.id} name={p.name} />{p.type !== undefined && <span class="small quiet"> by {typeLabel(p.type)}{p.value !== p.id && ` ${p.value}`}</span>}</li>)}
        </ul>
      )}
    </section>
  )
}
