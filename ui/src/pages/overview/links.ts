import type { Filter } from '../../state/filter'
import { view } from '../../state/location'
import { bucketRange, type Period } from '../../state/range'
import { hrefTo } from '../../state/view'
import { bounds } from '../../state/workspace'

/** The conversations of the view that also pass these conditions. */
export function conversationsHref(...filters: readonly Filter[]): string {
  return hrefTo('/conversations', { ...view.value, filters: [...view.value.filters, ...filters] })
}

/** The conversations of one bucket of a chart. */
export function bucketHref(start: string, period: Period, filters: readonly Filter[] = []): string {
  return hrefTo('/conversations', {
    ...view.value, range: bucketRange(start, period, bounds.value), filters: [...view.value.filters, ...filters],
  })
}
