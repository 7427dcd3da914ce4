// What names and ids may look like: https://developers.screeb.app, as of 2026.

import { refuse } from './refusal'

const maxID = 255 // characters of a user id

/** The properties of a command. */
export type Properties = Record<string, unknown>

/** An event's name, a group's type or id: shorter than 128 characters, of a small alphabet. */
export function nameOf(what: string, value: unknown): string {
  const name = typeof value === 'number' ? String(value) : value
  if (typeof name !== 'string' || !/^[A-Za-z0-9\-_. /:]{1,127}$/.test(name)) {
    refuse(`${what} must have 1 to 127 characters of A–Z a–z 0–9 - _ . / : and space`)
  }
  return name
}

/** A user id, or null for none. */
export function idOf(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null
  const id = typeof value === 'number' ? String(value) : value
  if (typeof id !== 'string' || id.length > maxID) refuse(`a user id must be a string of 1 to ${maxID} characters`)
  return id
}

/** Properties, which may be absent. */
export function propertiesOf(value: unknown): Properties | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) refuse('properties must be an object')
  return value as Properties
}
