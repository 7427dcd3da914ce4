import { useState } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { NamedPeople } from '../../api/types'
import { params } from '../../state/location'
import { typeLabel } from '../identity/words'
import { openPerson, personHref } from './find'

/** A field that opens a person by any id; where an id names several, all of them. */
export function FindPerson() {
  const asked = params.value.get('find') ?? ''
  const [text, setText] = useState(asked)
  const { data } = useGet<NamedPeople>(asked ? apiUrl('identity/people', { id: asked }) : null)
  return (
    <>
      <form class="row find-person" role="search" onSubmit={(e) => { e.preventDefault(); if (text.trim() !== '') void openPerson(text.trim()) }}>
        <input class="control" type="search" aria-label="Find a person by any id" placeholder="User id, address, device …" value={text} onInput={(e) => setText(e.currentTarget.value)} />
        <button class="button" disabled={text.trim() === ''}>Find</button>
      </form>
      {data && data.people.length > 0 && (
        <ul class="plain-list small" aria-label={`Named ${asked}`}>
          {data.people.map((p) => <li key={p.id}><a href={personHref(p.id)}>{p.id}</a> <span class="quiet">by {typeLabel(p.type)} {p.value}</span></li>)}
        </ul>
      )}
    </>
  )
}
