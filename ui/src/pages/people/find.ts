import { apiUrl, ask } from '../../api/client'
import type { NamedPeople } from '../../api/types'
import { navigate, view } from '../../state/location'
import { hrefTo } from '../../state/view'

export const personHref = (id: string): string => hrefTo(`/people/${encodeURIComponent(id)}`, view.value)

/** How many people are found at most. */
export const mostFound = 20

/** The question for people by an id of any type, or by how their name or a word of it begins. */
export const namedUrl = (text: string): string => apiUrl('identity/people', { id: text, name: text.length >= 2 && text.length <= 200 ? text : undefined })

/** People by an id or by name, those of the id first. */
export async function named(text: string): Promise<NamedPeople['people']> {
  return (await ask<NamedPeople>(namedUrl(text))).people
}

/** Opens who is found by an id or by name; where it is not one, the list of people says who, or that it is nobody. */
export async function openPerson(text: string): Promise<void> {
  const [one, ...others] = await named(text).catch(() => [])
  navigate(one && others.length === 0 ? personHref(one.id) : hrefTo('/people', view.value, { find: text }))
}
