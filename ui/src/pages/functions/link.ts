import { hrefTo, type View } from '../../state/view'

/** A link to a page of a function, or to one of its parts. */
export const functionHref = (id: string, view: View, more: Record<string, string | undefined> = {}) =>
  hrefTo(`/data/functions/${encodeURIComponent(id)}`, view, more)
