import { computed, signal } from '@preact/signals'
import { hrefTo, ownParams, parseView, type View } from './view'

const here = signal(new URL(location.href))

/** The path and the query string of the page shown. */
export const path = computed(() => here.value.pathname)
export const params = computed(() => here.value.searchParams)
export const view = computed(() => parseView(params.value))

/** Shows another page of the UI. */
export function navigate(href: string, how: { replace?: boolean; keepScroll?: boolean } = {}): void {
  const to = new URL(href, location.href)
  if (to.href === here.value.href) return
  const samePage = to.pathname === here.value.pathname
  if (how.replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  here.value = to
  if (!samePage && !how.keepScroll) scrollTo(0, 0)
}

/** Changes the view and stays on the page. The page's own parameters stay, but for those in drop and
 *  the place in a list, which a changed view does not have. */
export function changeView(change: Partial<View>): void {
  const own = ownParams(params.value)
  delete own.after
  delete own.page
  delete own.at
  navigate(hrefTo(path.value, { ...view.value, ...change }, own))
}

/** Changes the page's own parameters; undefined removes one. */
export function changeParams(change: Record<string, string | undefined>, how: { replace?: boolean } = {}): void {
  navigate(hrefTo(path.value, view.value, { ...ownParams(params.value), ...change }), { ...how, keepScroll: true })
}

/** Follows links inside the UI without loading the page anew. */
export function listen(): void {
  addEventListener('popstate', () => { here.value = new URL(location.href) })
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const target = event.target instanceof Element ? event.target.closest('a') : null
    const href = target?.getAttribute('href')
    if (!target || !href || href.startsWith('#') || target.target || target.hasAttribute('download') || !inside(href)) return
    event.preventDefault()
    navigate(href)
  })
}

/** Whether a link leads to a page of this UI, not to the API or to a page the server renders. */
function inside(href: string): boolean {
  const to = new URL(href, location.href)
  return to.origin === location.origin && !/^\/(api|login|logout|account|v1|licences)\b/.test(to.pathname)
}
