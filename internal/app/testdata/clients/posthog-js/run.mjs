// PostHog's browser library in a page against BASE_URL: a page view and an event before anybody is known,
// then identify, group, an event and feedback. Prints what was sent as one line of JSON.
import { readFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { JSDOM } from 'jsdom'

const run = randomUUID()
const userId = `user-${run}`
const failures = []
let answered = 0
const dom = new JSDOM('<!doctype html><title>Pricing</title>', { url: 'https://shop.example/pricing', runScripts: 'outside-only', pretendToBeVisual: true })
const page = dom.window
const bytes = (blob) =>
  new Promise((done) => {
    const reader = new page.FileReader()
    reader.onload = () => done(Buffer.from(reader.result))
    reader.readAsArrayBuffer(blob)
  })
// A page has these and jsdom has not. Requests carry the page's origin, as a browser's do.
Object.assign(page, { Response, Headers, AbortController, CompressionStream })
page.fetch = async (url, { method = 'GET', body, headers = {} } = {}) => {
  const sent = body instanceof page.Blob ? await bytes(body) : body
  const response = await fetch(url, { method, body: sent, headers: { ...Object.fromEntries(new Headers(headers)), origin: page.location.origin } })
  const path = new URL(url).pathname
  if (!response.ok || response.headers.get('access-control-allow-origin') !== page.location.origin) failures.push(`${path}: ${response.status}`)
  if (path === '/e/' || path === '/i/v0/e/') answered++
  return response
}
const library = dirname(createRequire(import.meta.url).resolve('posthog-js/package.json'))
page.eval(readFileSync(join(library, 'dist', 'array.full.no-external.js'), 'utf8'))

const posthog = page.posthog
posthog.init(process.env.WRITE_KEY, { api_host: process.env.BASE_URL, request_batching: false, autocapture: false, capture_pageleave: false })
const anonymousId = posthog.get_distinct_id()
posthog.capture('Plans Compared', { plans: 2 })
posthog.identify(userId, { plan: 'pro' })
posthog.group('company', `company-${run}`, { size: 3 })
posthog.capture('Order Placed', { value: 12.5 })
posthog.capture('$ai_feedback', { $ai_trace_id: `trace-${run}`, $ai_session_id: `conversation-${run}`, $ai_feedback_text: 'just what I needed' })

const expected = 6 // with the page view
const until = Date.now() + 15000
while (answered < expected && Date.now() < until) await new Promise((done) => setTimeout(done, 50))
await new Promise((done) => setTimeout(done, 500))
console.log(JSON.stringify({ runId: run, userId, anonymousId, expected, answered, failures }))
process.exit(failures.length === 0 && answered >= expected ? 0 : 1)
