import type { components } from './schema'

type ErrorBody = components['schemas']['Error']

/** What went wrong with a question, in words for the person who reads the page. */
export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message)
  }
}

/** The header without which the server refuses what changes something: a foreign page cannot set it. */
const csrfHeader = 'X-Debrief-CSRF'

interface Options {
  method?: string
  body?: unknown
  signal?: AbortSignal
}

/** Asks the API. It throws an ApiError, or the signal's reason when the caller no longer waits. A server
 *  that says it is busy is asked again, as it says when. */
export async function ask<T>(url: string, options: Options = {}): Promise<T> {
  for (let tries = 1; ; tries++) {
    const response = await send(url, options)
    if (response.status === 503 && tries < 5 && (options.method ?? 'GET') === 'GET') {
      await wait(Math.min(5, Number(response.headers.get('Retry-After')) || 1) * 1000, options.signal)
      continue
    }
    if (response.status === 401) {
      logIn()
      throw new ApiError(401, 'unauthorized', 'You are not logged in.')
    }
    if (!response.ok) throw await errorOf(response)
    return (response.status === 204 ? undefined : await response.json()) as T
  }
}

async function send(url: string, options: Options): Promise<Response> {
  const method = options.method ?? 'GET'
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') headers[csrfHeader] = '1'
  if (options.body !== undefined) headers['Content-Type'] = 'application/json'
  try {
    return await fetch(url, {
      method, headers, credentials: 'same-origin',
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
    })
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw new ApiError(0, 'unreachable', 'The server cannot be reached. Is it running, and are you online?')
  }
}

function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}

async function errorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as ErrorBody | null
  const { code, message } = body?.error ?? { code: 'internal', message: `The server answered ${response.status}.` }
  return new ApiError(response.status, code, message)
}

/** Leaves for the login page, which comes back here. */
export function logIn(): void {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`)
}

/** Writes a path of the API with its parameters; arrays are repeated, undefined and '' are left out. */
export function apiUrl(path: string, params: Record<string, string | number | boolean | readonly string[] | undefined> = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined || value === '') continue
    if (Array.isArray(value)) for (const item of value) search.append(key, item)
    else search.set(key, String(value))
  }
  const query = search.toString()
  return `/api/v1/${path}${query ? `?${query}` : ''}`
}
