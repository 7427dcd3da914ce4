import { hrefTo, type View } from '../../state/view'

/** A link to a page of a destination, or to one of its parts. */
export const destinationHref = (id: string, view: View, more: Record<string, string | undefined> = {}) =>
  hrefTo(`/data/destinations/${encodeURIComponent(id)}`, view, more)
