import { hrefTo, type View } from '../../state/view'

/** A link to a page of a plan. */
export const planHref = (name: string, view: View, more: Record<string, string | undefined> = {}) =>
  hrefTo(`/data/plans/${encodeURIComponent(name)}`, view, more)
