import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, ask } from '../../api/client'
import { changeParams, params } from '../../state/location'

/** What is being written, kept in the address a moment after it changed, so that a link shows it. Last is what was set
 *  last: a field tells of its change only when it is left, so that saving comes before the page is drawn anew. */
export function useDraft<T>(start: T): { draft: T; set: (next: T) => void; last: () => T } {
  const [draft, setDraft] = useState<T>(() => read(params.value.get('draft')) ?? start)
  const last = useRef(draft)
  const text = JSON.stringify(draft)
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text !== JSON.stringify(start)) changeParams({ draft: text }, { replace: true })
    }, 400)
    return () => clearTimeout(timer)
  }, [text])
  const set = (next: T) => {
    last.current = next
    setDraft(next)
  }
  return { draft, set, last: () => last.current }
}

function read<T>(text: string | null): T | null {
  try {
    return text === null ? null : (JSON.parse(text) as T)
  } catch {
    return null
  }
}

/** An answer to what is being written; the one before stays while it is on its way. */
export interface Preview<T> {
  data?: T
  error?: ApiError
  busy: boolean
}

/** Asks with a body whenever it has not changed for a moment; null asks nothing. */
export function usePreview<T>(url: string, body: object | null): Preview<T> {
  const [state, setState] = useState<{ text: string; data?: T; error?: ApiError }>({ text: '' })
  const text = body === null ? '' : JSON.stringify(body)
  useEffect(() => {
    if (text === '') return
    const abort = new AbortController()
    const timer = setTimeout(() => {
      ask<T>(url, { method: 'POST', body: JSON.parse(text), signal: abort.signal }).then(
        (data) => setState({ text, data }),
        (e: unknown) => { if (!abort.signal.aborted) setState({ text, error: e instanceof ApiError ? e : new ApiError(0, 'unreadable', String(e)) }) },
      )
    }, 400)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [url, text])
  if (text === '') return { busy: false }
  return { ...(state.data ? { data: state.data } : {}), ...(state.error ? { error: state.error } : {}), busy: state.text !== text }
}
