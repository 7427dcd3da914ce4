import { signal } from '@preact/signals'
import { apiUrl, ask } from '../api/client'
import type { SavedView, ViewList } from '../api/types'

/** Pages under names, pinned ones first. They are no part of any figure: a page does without when they fail to load. */
export const savedViews = signal<readonly SavedView[]>([])

export async function reloadViews(): Promise<void> {
  try {
    savedViews.value = (await ask<ViewList>(apiUrl('views'))).views
  } catch {
    savedViews.value = []
  }
}

export const viewHref = (v: SavedView): string => (v.query ? `${v.page}?${v.query}` : v.page)
