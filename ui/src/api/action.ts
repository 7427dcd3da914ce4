import { useState } from 'preact/hooks'
import { ApiError } from './client'

/** Something that changes data: one at a time, and what went wrong stays until the next. */
export interface Action {
  busy: boolean
  error: ApiError | null
  run: (what: () => Promise<unknown>) => Promise<boolean> // true when it went well
}

export function useAction(): Action {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const run = async (what: () => Promise<unknown>) => {
    setBusy(true)
    setError(null)
    try {
      await what()
      return true
    } catch (e) {
      setError(e instanceof ApiError ? e : new ApiError(0, 'unreadable', String(e)))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { busy, error, run }
}
