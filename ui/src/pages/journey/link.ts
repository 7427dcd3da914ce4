import { hrefTo, type View } from '../../state/view'

/** A link to the journey of a call, by its id as sent or as stored. */
export const journeyHref = (id: string, view: View) => hrefTo('/data/journey', view, { id })
