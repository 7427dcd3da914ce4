import { useEffect, useState } from 'preact/hooks'
import { ApiError, ask } from './client'

/** An answer on its way: the last data stay while new ones are asked for, so that pages do not jump. */
export interface Resource<T> {
  data?: T
  error?: ApiError
  loading: boolean
  /** The data are asked for once more, after reload: they may be of before. */
  reloading: boolean
  reload: () => void
}

/** Answers are kept so that going back shows the page at once; they are asked anew all the same. */
const kept = new Map<string, unknown>()
const keptAnswers = 80

function keep(url: string, data: unknown): void {
  kept.delete(url)
  kept.set(url, data)
  if (kept.size > keptAnswers) kept.delete(kept.keys().next().value as string)
}

/** Asks a URL of the API whenever it changes; null asks nothing. What is no longer wanted is aborted. */
export function useGet<T>(url: string | null): Resource<T> {
  const [state, setState] = useState<{ url: string | null; turn: number; data?: T; error?: ApiError }>({ url: null, turn: 0 })
  const [turn, setTurn] = useState(0)

  useEffect(() => {
    if (url === null) return
    const abort = new AbortController()
    ask<T>(url, { signal: abort.signal }).then(
      (data) => {
        keep(url, data)
        if (!abort.signal.aborted) setState({ url, turn, data })
      },
      (error: unknown) => {
        if (abort.signal.aborted) return
        setState((old) => ({ url, turn, data: old.url === url ? old.data : undefined, error: asApiError(error) }))
      },
    )
    return () => abort.abort()
  }, [url, turn])

  const reload = () => setTurn((n) => n + 1)
  if (url === null) return { loading: false, reloading: false, reload }
  if (state.url === url) return { data: state.data, error: state.error, loading: false, reloading: state.turn !== turn, reload }
  return { data: (kept.get(url) as T | undefined) ?? state.data, loading: true, reloading: false, reload }
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, 'unreadable', `The answer could not be read: ${String(error)}`)
}
