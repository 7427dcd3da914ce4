import { type Filter, parseFilter, writeFilter } from './filter'
import { parseRange, type Range, writeRange } from './range'

/** What every page shows through: the part of the URL that travels from page to page. */
export interface View {
  range: Range
  compare: boolean
  filters: Filter[]
  search: string
  funnel?: string // what a step of a funnel counts, as the API writes it
}

export function parseView(params: URLSearchParams): View {
  return {
    range: parseRange(params),
    compare: params.get('compare') === '1',
    filters: params.getAll('filter').map(parseFilter).filter((f) => f !== null),
    search: params.get('q') ?? '',
    ...(params.get('funnel') ? { funnel: params.get('funnel') ?? '' } : {}),
  }
}

export function writeView(view: View): URLSearchParams {
  const params = new URLSearchParams()
  writeRange(view.range, params)
  if (view.compare) params.set('compare', '1')
  for (const f of view.filters) params.append('filter', writeFilter(f))
  if (view.search) params.set('q', view.search)
  if (view.funnel) params.set('funnel', view.funnel)
  return params
}

/** A link to a page that keeps the view; extra adds what only that page knows. */
export function hrefTo(path: string, view: View, extra: Record<string, string | undefined> = {}): string {
  const params = writeView(view)
  for (const [key, value] of Object.entries(extra)) {
    if (value !== undefined && value !== '') params.set(key, value)
  }
  const query = params.toString()
  return query ? `${path}?${query}` : path
}

const travelling = ['range', 'from', 'until', 'compare', 'filter', 'q', 'funnel']

/** The page's own parameters in a query string: all but those of the view. */
export function ownParams(params: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...params].filter(([key]) => !travelling.includes(key)))
}
