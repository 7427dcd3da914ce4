import type { ComponentChildren } from 'preact'
import type { ApiError } from '../api/client'

/** What went wrong, as the API says it, and a way to try again. */
export function Failure({ error, retry }: { error: ApiError; retry?: () => void }) {
  return (
    <div class="notice bad" role="alert">
      <span>{error.message}</span>
      {retry && <button type="button" class="button" onClick={retry}>Try again</button>}
    </div>
  )
}

/** Nothing to show: what is missing, why, and what to do. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children}
    </div>
  )
}

/** Shown while the first answer is on its way. */
export function Waiting({ what = 'Loading' }: { what?: string }) {
  return <p class="quiet small" role="status">{what} …</p>
}
