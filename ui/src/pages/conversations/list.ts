import { apiUrl } from '../../api/client'
import { hrefTo, type View } from '../../state/view'

/** The order and the place in the list of conversations, from the page's own parameters. */
export interface Place {
  sort: string
  desc: boolean
  after?: string
  page: number
}

export function placeOf(params: URLSearchParams): Place {
  const page = Number(params.get('page'))
  return {
    sort: params.get('sort') ?? 'at',
    desc: params.get('asc') !== '1',
    after: params.get('after') ?? undefined,
    page: Number.isInteger(page) && page > 0 ? page : 1,
  }
}

/** The place as parameters of a link; the beginning in the default order is none. */
export function placeParams(place: Place): Record<string, string | undefined> {
  return {
    sort: place.sort === 'at' ? undefined : place.sort,
    asc: place.desc ? undefined : '1',
    after: place.after,
    page: place.page > 1 ? String(place.page) : undefined,
  }
}

export const pageSize = 50

export type Question = Record<string, string | readonly string[] | undefined>

/** The URL of the API for one page of the list. */
export function pageUrl(question: Question, place: Place): string {
  return apiUrl('conversations', { ...question, sort: place.sort, desc: place.desc, limit: pageSize, after: place.after })
}

/** A link to a conversation that remembers the list it was found in. */
export function conversationHref(id: string, view: View, place: Place): string {
  return hrefTo(`/conversations/${encodeURIComponent(id)}`, view, placeParams(place))
}

/** The ids directly before and after one in a page of the list; undefined where there is none. */
export function neighbours(ids: readonly string[], id: string): { before?: string; after?: string } {
  const i = ids.indexOf(id)
  return i < 0 ? {} : { before: ids[i - 1], after: ids[i + 1] }
}
