// Runs the real server and a real Chromium for the suites.
//
// Without configuration it starts ../bin/debrief (DEBRIEF_BIN) with the demo month in a temporary directory.
// BASE_URL and LOGIN_URL (a login link) test a server that runs already; its data must be the demo month.
// CHROMIUM names the browser (default /usr/bin/chromium), SHOTS a folder for screenshots. SLOW delays each answer of the
// API by so many milliseconds: a test that looks before the answer is there fails each time then, and not now and then.
import { spawn } from 'node:child_process'
import { mkdtemp, mkdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const require = createRequire(import.meta.url)
const binary = process.env.DEBRIEF_BIN ?? fileURLToPath(new URL('../../bin/debrief', import.meta.url))
const token = 'dbt_only_for_the_tests_of_the_ui'

/** A running server, and how to log in to it and ask it. */
export class Server {
  constructor(parts) {
    Object.assign(this, parts) // base, login; of a server of our own child, dir, and what it said
  }

  /** Starts a server on a free port. */
  static async start(...flags) {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'debrief-ui-'))
    const server = new Server({ dir, said: '' })
    const child = spawn(binary, ['serve', '--data', dir, '--listen', '127.0.0.1:0', ...flags], {
      env: { ...process.env, DEBRIEF_BOOTSTRAP_TOKEN: token }, stdio: ['ignore', 'pipe', 'pipe'],
    })
    const login = await new Promise((resolve, reject) => {
      const read = (chunk) => {
        server.said += chunk
        const link = server.said.match(/https?:\/\/\S+\/login\/link\?\S+/)
        if (link) resolve(link[0])
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.on('error', reject)
      child.on('exit', (code) => reject(new Error(`the server ended with ${code}:\n${server.said}`)))
    })
    return Object.assign(server, { base: new URL(login).origin, login, child })
  }

  /** The server of BASE_URL, or one of our own with the demo month. */
  static async withDemo() {
    if (process.env.BASE_URL) return new Server({ base: process.env.BASE_URL, login: process.env.LOGIN_URL })
    const server = await Server.start('--demo')
    await until('the demo month is stored and analysed', async () => {
      const { store, pipeline } = await server.api('status')
      const before = server.demo
      server.demo = store.events
      return store.conversations > 2500 && store.events === before && pipeline.lag_records === 0 && pipeline.analysis_waiting === 0
    }, 240)
    return server
  }

  /** Asks the API. */
  async api(question) {
    return (await this.fetch(question)).json()
  }

  /** Asks the API for something that is no JSON, or to change something. */
  async fetch(question, init = {}) {
    const response = await fetch(`${this.base}/api/v1/${question}`, { ...init, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' } })
    if (!response.ok) throw new Error(`${question}: ${response.status} ${await response.text()}`)
    return response
  }

  /** Sends calls through the door. */
  async send(calls, source = 0) {
    const { sources } = await this.api('sources')
    return fetch(`${this.base}/v1/batch`, {
      method: 'POST', body: JSON.stringify({ batch: calls }),
      headers: { 'Content-Type': 'application/json', Authorization: `Basic ${btoa(`${sources[source].write_keys[0]}:`)}` },
    })
  }

  async stop() {
    if (!this.child) return
    this.child.removeAllListeners('exit')
    const gone = new Promise((resolve) => this.child.on('exit', resolve))
    this.child.kill('SIGTERM')
    await gone
    await rm(this.dir, { recursive: true, force: true })
  }
}

/** Asks until the answer is true; what does not come within the time fails. */
export async function until(what, ask, seconds = 60) {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    if (await ask()) return
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

/** A browser that is logged in. */
export class Browser {
  static async open(server) {
    const browser = new Browser()
    browser.server = server
    browser.contexts = []
    browser.chromium = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    })
    const context = await browser.chromium.newContext()
    const page = await context.newPage()
    await page.goto(server.login)
    await page.waitForURL((url) => !url.pathname.startsWith('/login'))
    browser.state = { cookies: await context.cookies(), origins: [] }
    await context.close()
    return browser
  }

  /** A page in a context of its own. Its `faults` are errors of scripts and of the content policy. */
  async page({ width = 1280, height = 860, scheme = 'light', ...options } = {}) {
    const context = await this.chromium.newContext({
      baseURL: this.server.base, storageState: this.state, viewport: { width, height }, colorScheme: scheme, reducedMotion: 'reduce', ...options,
    })
    this.contexts.push(context)
    if (process.env.SLOW) await context.route('**/api/v1/**', (route) => setTimeout(() => route.continue().catch(() => {}), Number(process.env.SLOW)))
    const page = await context.newPage()
    page.setDefaultTimeout(60_000)
    page.faults = []
    page.on('pageerror', (error) => page.faults.push(String(error)))
    page.on('console', (message) => { if (message.type() === 'error') page.faults.push(message.text()) })
    return page
  }

  /** Closes all pages: they would go on asking. Of a test that failed it says what they show, and what the server said last. */
  async tidy(test) {
    for (const context of this.contexts.splice(0)) {
      if (test && !test.passed) for (const page of context.pages()) console.log(`${page.url()} shows ${await shown(page)}, faults: ${page.faults?.join('; ')}`)
      await context.close()
    }
    if (test && !test.passed) console.log(`the server said last:\n${this.server.said?.slice(-1500)}`)
  }

  async close() {
    await this.chromium.close()
  }
}

/** Waits until the page has its answers: nothing is loading, nothing faded. */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelector('main') && !document.querySelector('.busy') && !/Loading …/.test(document.body.innerText), null, { timeout: 60_000 })
}

/** Goes to a page and waits for its answers. */
export async function visit(page, href) {
  await page.goto(href)
  await settled(page)
}

/** Serious and critical findings of axe on the page as it is. */
export async function findings(page) {
  await page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'))
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
  return violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${v.id}: ${v.help}\n${v.nodes.slice(0, 4).map((n) => `    ${n.target.join(' ')}\n      ${n.failureSummary?.split('\n')[1] ?? ''}`).join('\n')}`)
}

/** Keeps a picture of the page if SHOTS says where. */
export async function picture(page, name) {
  if (!process.env.SHOTS) return
  await mkdir(process.env.SHOTS, { recursive: true })
  await page.screenshot({ path: path.join(process.env.SHOTS, `${name}.png`), fullPage: true })
}

/** The end of what a page shows. */
const shown = (page) => page.evaluate(() => (document.querySelector('main') ?? document.body).innerText.replace(/\s+/g, ' ').slice(-900)).catch(String)

/** The number in a text: "3,214 conversations" is 3214. */
export const numberIn = (text) => Number(text.replaceAll(',', '').match(/-?\d+(\.\d+)?/)?.[0])

/** The query of the page's address. */
export const query = (page) => new URL(page.url()).searchParams
