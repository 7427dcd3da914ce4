import { apiUrl, ask } from '../../api/client'
import type { NamedPeople } from '../../api/types'
import { navigate, view } from '../../state/location'
import { hrefTo } from '../../state/view'

export const personHref = (id: string): string => hrefTo(`/people/${encodeURIComponent(id)}`, view.value)

/** Everybody whom an id of any type names. */
export async function named(id: string): Promise<NamedPeople['people']> {
  return (await ask<NamedPeople>(apiUrl('identity/people', { id }))).people
}

/** Opens whom an id names; of several the list of people has the choice. The page of a person says if it is nobody. */
export async function openPerson(id: string): Promise<void> {
  const people = await named(id).catch(() => [])
  navigate(people.length > 1 ? hrefTo('/people', view.value, { find: id }) : personHref(people[0]?.id ?? id))
}
