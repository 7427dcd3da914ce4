// A page for the tag to run in: what it uses of a browser, with a clock that the test moves, a network
// that the test answers, and a storage that pages share.
import { readFileSync } from 'node:fs'
import vm from 'node:vm'

const code = readFileSync(new URL('../dist/tag.js', import.meta.url), 'utf8')

/** localStorage, as long as a browser keeps it. */
export class Storage {
  kept = new Map()
  full = false
  get length() { return this.kept.size }
  key(i) { return [...this.kept.keys()][i] ?? null }
  getItem(name) { return this.kept.get(name) ?? null }
  setItem(name, value) {
    if (this.full) throw new Error('QuotaExceededError')
    this.kept.set(name, String(value))
  }
  removeItem(name) { this.kept.delete(name) }
}

/** How the stubs in the wild look. */
export const stubs = {
  v1: `window.ScreebObject='$screeb';window.$screeb=function(){var d=arguments;return new Promise(function(a,b){($screeb.q=$screeb.q||[]).push({v:1,args:d,ok:a,ko:b})})}`,
  arguments: `window.ScreebObject='$screeb';window.$screeb=function(){($screeb.q=$screeb.q||[]).push(arguments)}`,
  array: `window.$screeb=function(){window.$screeb.q.push([].slice.call(arguments))};window.$screeb.q=[]`,
  sdk: `window.$screeb=function(){var a=[].slice.call(arguments);return new Promise(function(x,y){($screeb.q=$screeb.q||[]).push({args:a,ko:y,ok:x,v:1})})}`,
}

class HTMLScriptElement {
  constructor(src) { this.src = src }
}

export class Page {
  requests = [] // {path, body, keepalive}
  beacons = [] // bodies
  lines = [] // of the console
  listeners = {}
  timers = []

  constructor({ storage = new Storage(), src = 'https://debrief.example/screeb/tag.js', now = Date.UTC(2026, 10, 21, 10), answer, beacon = () => true } = {}) {
    Object.assign(this, { storage, src, now, answer: answer ?? (() => ({ status: 200 })), beacon })
    const page = this
    const window = {
      console: Object.fromEntries(['log', 'warn', 'error', 'debug'].map((level) => [level, (...args) => page.lines.push([level, ...args])])),
      Date: class extends Date {
        constructor(...args) { args.length ? super(...args) : super(page.now) }
        static now() { return page.now }
      },
      HTMLScriptElement, URL, Blob, crypto,
      location: new URL('https://shop.example/chat?tab=1'),
      navigator: { language: 'en-GB', userAgent: 'Test/1', sendBeacon: (url, body) => page.takeBeacon(url, body) },
      setTimeout: (run, after) => page.timers.push({ run, at: page.now + after }) ,
      clearTimeout: (id) => { if (id) page.timers[id - 1] = undefined },
      addEventListener: (type, listener) => (page.listeners[type] ??= []).push(listener),
      fetch: (url, init) => page.fetch(url, init),
    }
    window.document = {
      currentScript: new HTMLScriptElement(src), hidden: false, title: 'Shop', referrer: 'https://search.example/',
      getElementById: () => null, addEventListener: window.addEventListener,
    }
    Object.defineProperty(window, 'localStorage', { get: () => { if (!page.storage) throw new Error('SecurityError'); return page.storage } })
    window.window = window
    this.window = vm.createContext(window)
  }

  /** Runs script on the page. */
  run(script) { return vm.runInContext(script, this.window) }

  /** Loads the tag. */
  load() { this.run(code); return this }

  /** A page with the tag, initialised. */
  static ready(options, init = `$screeb('init','site',{identity:{id:'ada'}})`) {
    const page = new Page(options).load()
    page.run(init)
    return page
  }

  /** Calls a command and returns its result. */
  command(...args) {
    this.window.args = args
    return this.run('$screeb.apply(null, args)')
  }

  fire(type, event = {}) {
    for (const listener of this.listeners[type] ?? []) listener(event)
  }

  /** Lets time pass, in order of the timers. */
  async pass(milliseconds) {
    const until = this.now + milliseconds
    await settle()
    for (;;) {
      const next = this.timers.reduce((a, t) => (t && t.at <= until && (!a || t.at < a.at) ? t : a), undefined)
      if (!next) break
      this.timers[this.timers.indexOf(next)] = undefined
      this.now = Math.max(this.now, next.at)
      next.run()
      await settle()
    }
    this.now = until
  }

  async fetch(url, init) {
    const { pathname } = new URL(url)
    const request = { url, path: pathname, at: this.now, ...init, body: init.body && JSON.parse(init.body), bytes: init.body?.length }
    this.requests.push(request)
    const { status, headers = {}, body = '{}' } = await this.answer(request)
    return { ok: status < 300, status, headers: { get: (name) => headers[name] ?? null }, json: async () => JSON.parse(body), text: async () => body }
  }

  takeBeacon(url, body) {
    if (!this.beacon(body)) return false
    this.beacons.push(JSON.parse(body))
    return true
  }

  /** The calls that were sent, in order. */
  get sent() { return this.requests.filter((r) => r.path.endsWith('/v1/batch')).flatMap((r) => r.body.batch) }

  /** The ids of the messages that wait in storage. */
  get stored() { return [...this.storage.kept.keys()].filter((k) => k.includes(':m:')) }

  said(level) { return this.lines.filter(([l]) => l === level).map(([, ...rest]) => rest.join(' ')) }
}

/** Lets promises run. */
export const settle = () => new Promise((resolve) => setImmediate(resolve))

/** The reason of a rejection; fails if there is none. */
export async function reasonOf(promise) {
  try {
    await promise
  } catch (reason) {
    return String(reason.message)
  }
  throw new Error('the command was carried out')
}
