import type { QuarantineSelection, QuarantineSummary } from '../../api/types'

/** What the list is narrowed to. */
export interface Narrow {
  source?: string
  event?: string
  code?: string
}

/** What an action is for: the calls that are ticked; or, when none is, all that the list is narrowed to. */
export function selectionOf(ticked: ReadonlySet<string>, narrow: Narrow): QuarantineSelection {
  if (ticked.size > 0) return { ids: [...ticked] }
  return { filter: Object.fromEntries(Object.entries(narrow).filter(([, v]) => v)) }
}

/** How many calls the groups say there are; undefined when they cannot know, as they go by the first violation alone. */
export function held(summary: QuarantineSummary | undefined, narrow: Narrow): number | undefined {
  if (!summary || narrow.code) return undefined
  return narrow.event ? summary.groups.filter((g) => (g.event || g.type) === narrow.event).reduce((n, g) => n + g.count, 0) : summary.total
}
