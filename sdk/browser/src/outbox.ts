// Messages on their way: held in storage until the server has them, sent in batches, one request at a
// time, again and again with the same ids.

import { timeOf } from './id'
import type { Store } from './store'

const wait = 50 // milliseconds that a message waits for others
const enough = 20 // messages that wait no longer
const most = 100 // messages of a request
const largest = 60_000 // bytes of a request that may outlive its page
const ample = 300_000 // characters of a request with more than one message
const keepMessages = 1000 // while the server is away; the oldest go first
const keepChars = 2_000_000
const keepTime = 6.5 * 86_400_000 // milliseconds; the server knows repetitions for seven days
const patience = 30_000 // milliseconds for an answer
const longestPause = 60_000 // milliseconds between attempts

interface Item {
  _id: string
  _text: string
  _anonymous: boolean
  /** Given to the browser to send when the page was left. */
  _left?: boolean
}

/** The messages of one write key. */
export class Outbox {
  private _items: Item[] = []
  private _chars = 0
  private _timer: number | undefined
  private _busy = false
  private _failures = 0
  private _gone = false
  /** What the request under way carries, if it outlives the page. */
  private _safe: Item[] = []

  /** _ignoreAnonymous is the source's setting; undefined asks the server when it matters. */
  constructor(private _base: string, private _key: string, private _store: Store, private _ignoreAnonymous: boolean | undefined) {
    for (const name of _store._names('m:')) this._adopt(name)
    addEventListener('pagehide', () => this._leave())
    addEventListener('pageshow', () => this._return())
    addEventListener('online', () => this._flush())
    document.addEventListener('visibilitychange', () => document.hidden && this._flush())
    this._flush()
  }

  /** How many messages the server does not have yet. */
  get _pending(): number {
    return this._items.length
  }

  /** Takes a message. */
  _put(id: string, text: string, anonymous: boolean): void {
    if (anonymous && this._ignoreAnonymous) return
    this._store._set('m:' + id, text)
    this._hold({ _id: id, _text: text, _anonymous: anonymous })
    if (this._gone) this._leave()
    else if (!this._failures && this._items.length >= enough) this._flush()
    else this._later(wait)
  }

  /** Sends what waits. */
  _flush(): void {
    this._stop()
    if (this._busy || !this._items.length) return
    this._busy = true
    void this._send().then((pause) => {
      this._busy = false
      this._safe = []
      this._failures = pause && this._failures + 1
      this._stop() // a message that came meanwhile does not cut the pause short
      if (this._items.some((i) => !i._left)) this._later(pause)
    })
  }

  private _later(pause: number): void {
    this._timer ??= window.setTimeout(() => this._flush(), pause)
  }

  private _stop(): void {
    clearTimeout(this._timer)
    this._timer = undefined
  }

  /** Takes over what an earlier page has left, or another tab is sending too: the server knows it by its id. */
  private _adopt(name: string): void {
    const id = name.slice(2)
    try {
      const text = this._store._get(name)!
      if (Date.now() - timeOf(id) < keepTime) {
        this._hold({ _id: id, _text: text, _anonymous: !(JSON.parse(text) as { userId?: string }).userId })
        return
      }
    } catch {
      // not ours, or cut off
    }
    this._store._remove(name)
  }

  private _hold(item: Item): void {
    this._items.push(item)
    this._chars += item._text.length
    while (this._items.length > keepMessages || (this._chars > keepChars && this._items.length > 1)) this._forget([this._items[0]!])
  }

  private _forget(items: Item[]): void {
    for (const item of items) {
      const at = this._items.indexOf(item)
      if (at < 0) continue
      this._items.splice(at, 1)
      this._chars -= item._text.length
      this._store._remove('m:' + item._id)
    }
  }

  /** Sends one batch. It returns the pause before the next: 0 unless something has to be sent again. */
  private async _send(): Promise<number> {
    let pause = 0
    if (this._ignoreAnonymous === undefined && this._items.some((i) => i._anonymous)) pause = await this._ask()
    const items = this._batch(ample)
    if (!items.length) return pause
    const body = this._body(items)
    // A browser bounds what all such requests of a page have together: the second attempt does without.
    const keepalive = !this._failures && sizeOf(body) < largest
    if (keepalive) this._safe = items
    const failed = await this._request('/v1/batch', { method: 'POST', body, keepalive })
    if (!failed) this._forget(items)
    return failed || pause
  }

  /** Asks for the source's settings. It returns a pause as _request does. */
  private async _ask(): Promise<number> {
    let ignore = false // of a key that is not known; the batch tells
    const failed = await this._request('/screeb/settings/' + encodeURIComponent(this._key), {}, async (response) => {
      ignore = ((await response.json()) as { ignoreAnonymous?: unknown }).ignoreAnonymous === true
    })
    if (failed) return failed
    this._ignoreAnonymous = ignore
    if (ignore) this._forget(this._items.filter((i) => i._anonymous))
    return 0
  }

  /** Returns 0 when there is nothing to do again, as the server has taken or refused it, else the pause
   *  before the next attempt. */
  private async _request(path: string, init: RequestInit, read?: (response: Response) => Promise<void>): Promise<number> {
    const pause = Math.min(longestPause, 500 * 2 ** this._failures) * (0.75 + Math.random() / 2)
    try {
      const response = await Promise.race([
        fetch(this._base + path, { credentials: 'omit', ...init }),
        new Promise<never>((_, late) => setTimeout(late, patience)),
      ])
      const { ok, status } = response
      if (status === 429 || status === 408 || status >= 500) return Math.max(pause, 1000 * Number(response.headers.get('Retry-After')) || 0)
      if (ok) await read?.(response)
      else console.warn(`Debrief refused events: ${status} ${await response.text()}`)
      return 0
    } catch {
      return pause
    }
  }

  /** The first messages that may be sent and fit, and were not given to the browser already. */
  private _batch(chars: number): Item[] {
    const items: Item[] = []
    for (const item of this._items) {
      if (item._left || (item._anonymous && this._ignoreAnonymous === undefined)) continue
      chars -= item._text.length
      if (items.length === most || (items.length && chars < 0)) break
      items.push(item)
    }
    return items
  }

  private _body(items: Item[]): string {
    return `{"batch":[${items.map((i) => i._text).join()}],"sentAt":"${new Date().toISOString()}","writeKey":${JSON.stringify(this._key)}}`
  }

  /** The page is left: the browser sends what it takes. Whether it arrives is not known, so it stays
   *  stored, and the next page sends it again. */
  private _leave(): void {
    this._gone = true
    for (const item of this._safe) item._left = true
    for (let chars = largest / 2, items; (items = this._batch(chars)).length; ) {
      const body = this._body(items)
      if (items.length > 1 && sizeOf(body) > largest) chars /= 2
      else if (!navigator.sendBeacon?.(this._base + '/v1/batch', body)) return this._flush()
      else for (const item of items) item._left = true
    }
  }

  /** The page is back from where the browser kept it. */
  private _return(): void {
    this._gone = false
    for (const item of this._items) item._left = false
    this._flush()
  }
}

/** Bytes of a text. */
function sizeOf(text: string): number {
  return new Blob([text]).size
}
