// The tag in Chromium, on pages of another site, against the real server: ../../bin/debrief (DEBRIEF_BIN).
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { Browser, Server, until } from '../../../ui/e2e/harness.mjs'
import { stubs } from '../test/page.mjs'

let server, browser, site, key, data, port

before(async () => {
  data = await mkdtemp(path.join(os.tmpdir(), 'debrief-tag-'))
  server = await Server.start('--data', data)
  port = new URL(server.base).port
  browser = await Browser.open(server)
  key = (await server.api('sources')).sources[0].write_keys[0]
  site = http.createServer((request, response) => {
    const { html = '', policy } = site.pages[new URL(request.url, 'http://site').pathname] ?? {}
    response.writeHead(200, { 'Content-Type': 'text/html', 'Cache-Control': 'no-store', ...(policy && { 'Content-Security-Policy': policy }) })
    response.end(`<!doctype html><title>Shop</title><link rel=icon href=data:,>${html}`)
  })
  site.pages = {}
  await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve))
}, { timeout: 120_000 })
afterEach(() => browser.tidy())
after(async () => {
  await browser?.close()
  await server?.stop()
  site?.close()
  await rm(data, { recursive: true, force: true })
})

/** How the tag is put on a page: a stub, and the script beside it. */
const install = (installer) => `${stubs[installer]};
  (() => { const script = document.createElement('script'); script.async = true; script.src = '${server.base}/screeb/tag.js'; document.head.append(script) })();
  ${installer === 'sdk' ? `$screeb('client.internal.web', { secondary_sdk_name: 'sdk-browser', secondary_sdk_version: '0.6.0' });` : ''}`

/** Makes a page of the site that installs the tag and runs a script, and returns its address. */
function pageOf(name, script, { installer = 'v1', policy } = {}) {
  site.pages[`/${name}`] = { policy, html: `<script>${install(installer)};${script}</script>` }
  return `http://127.0.0.1:${site.address().port}/${name}`
}

/** Opens it as a visitor who was never here. */
async function visit(url) {
  const page = await browser.page({ storageState: undefined })
  page.warnings = []
  page.on('console', (message) => message.type() === 'warning' && page.warnings.push(message.text()))
  await page.goto(url)
  await loaded(page)
  return page
}

const loaded = (page) => page.waitForFunction(() => globalThis.$screeb?.__debrief)
const init = (user, more = '') => `$screeb('init','${key}',{identity:{id:'${user}'}${more}});`

/** The events of a user. */
async function eventsOf(user) {
  const response = await server.fetch('export/events?format=jsonl')
  return (await response.text()).split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter((e) => e.user_id === user)
}

/** Waits until the user has these events, in any order, and returns them. */
async function stored(user, ...names) {
  let events
  await until(`${names} of ${user} are stored`, async () => (events = await eventsOf(user)).length >= names.length)
  assert.deepEqual(events.map((e) => e.source_event).sort(), [...names].sort())
  return events
}

for (const installer of Object.keys(stubs)) {
  test(`${installer}: what is called before and after the tag has loaded arrives once`, async () => {
    const page = await visit(pageOf(`installed-${installer}`, `
      ${init(`user-${installer}`, `,hooks:{version:'1.0.0',onReady:(p)=>{globalThis.ready=p}}`)}
      addEventListener('unhandledrejection', () => { globalThis.unhandled = true });
      $screeb('event.track', 'screeb_copilot_user_prompt', {prompt:'How?',conversation_id:'conv-${installer}',session_id:'sess'});
      $screeb('event.track', 'bad#name')`, { installer }))
    await page.evaluate(async (conversation_id) => {
      const same = { conversation_id, session_id: 'sess', agent_id: 'a' }
      await $screeb('event.copilot', 'screeb_copilot_response', { response: 'So.', ...same })
      await $screeb('event.copilot', 'screeb_copilot_satisfaction', { rating_scale: '5', rating: '4', ...same })
      $screeb('event.track', 'bad#name too')
    }, `conv-${installer}`)
    const events = await stored(`user-${installer}`, 'identify', 'screeb_copilot_user_prompt', 'screeb_copilot_response', 'screeb_copilot_satisfaction')
    const { anonymous_id, session_id } = await page.evaluate(() => $screeb('identity.get'))
    for (const e of events) {
      assert.deepEqual(e.violations ?? [], [], e.source_event)
      assert.equal(e.anonymous_id, anonymous_id)
    }
    assert.equal(events.find((e) => e.kind === 'identity').session_id, session_id)
    assert.deepEqual(events.filter((e) => e.kind === 'message').map((e) => `${e.conversation_id} ${e.role}: ${e.body}`).sort(),
      [`conv-${installer} agent: So.`, `conv-${installer} user: How?`])
    assert.equal(events.find((e) => e.kind === 'feedback').score, 0.75)
    assert.equal(await page.evaluate(() => globalThis.ready.user_id), `user-${installer}`)
    assert.equal(await page.evaluate(() => globalThis.unhandled), undefined)
    assert.deepEqual(page.warnings, [])
    // The browser itself says in the console that nobody took the promise that the stub made.
    const promised = installer === 'v1' || installer === 'sdk'
    assert.deepEqual(page.faults.map((f) => /^Uncaught \(in promise\).*the name of an event/.test(f)), promised ? [true] : [])
  })
}

test('the next page knows the visitor, who keeps the anonymous id on becoming known', async () => {
  const page = await visit(pageOf('remembered', `$screeb('init','${key}')`))
  const get = () => page.evaluate(() => $screeb('identity.get'))
  const anonymous = await get()
  await page.evaluate(() => $screeb('identity', 'user-remembered', { plan: 'pro' }))
  await page.reload()
  await loaded(page)
  await page.evaluate(() => $screeb('event.track', 'after the reload'))
  const known = await get()
  assert.deepEqual([known.anonymous_id, known.session_id, known.user_id], [anonymous.anonymous_id, anonymous.session_id, 'user-remembered'])
  await stored('user-remembered', 'identify', 'after the reload')
})

test('what is tracked while the page is left arrives', async () => {
  const page = await visit(pageOf('left', `
    ${init('user-left')}
    addEventListener('pagehide', () => $screeb('event.track', 'in the last moment'));`))
  await stored('user-left', 'identify')
  await page.evaluate(() => {
    $screeb('event.track', 'just before', { text: 'x'.repeat(30_000) })
    $screeb('event.track', 'just before too', { text: 'x'.repeat(30_000) })
    location.href = 'about:blank'
  })
  await stored('user-left', 'identify', 'just before', 'just before too', 'in the last moment')
})

test('while the server is down nothing is lost, on this page and on the next', async () => {
  const url = pageOf('down', init('user-down'))
  const page = await visit(url)
  await stored('user-down', 'identify')
  await server.stop()
  assert.equal(await page.evaluate(() => Promise.race([
    Promise.all([1, 2, 3].map((n) => $screeb('event.track', `down ${n}`))).then(() => 'accepted'), new Promise((r) => setTimeout(r, 5000, 'late')),
  ])), 'accepted', 'a page does not wait for the server')
  await until('an attempt has failed', async () => page.faults.length > 0)
  server = await Server.start('--data', data, '--listen', `127.0.0.1:${port}`)
  await stored('user-down', 'identify', 'down 1', 'down 2', 'down 3')

  await server.stop()
  await page.evaluate(() => $screeb('event.track', 'down 4'))
  const context = page.context()
  await page.close()
  server = await Server.start('--data', data, '--listen', `127.0.0.1:${port}`)
  const next = await context.newPage()
  await next.goto(url)
  await loaded(next)
  const events = await stored('user-down', 'identify', 'identify', 'down 1', 'down 2', 'down 3', 'down 4')
  assert.equal(new Set(events.map((e) => e.id)).size, events.length)
})

test('a content security policy needs the server as source of scripts and as target', async () => {
  const page = await visit(pageOf('policy', init('user-policy'), { policy: `default-src 'none'; img-src data:; script-src 'unsafe-inline' ${server.base}; connect-src ${server.base}` }))
  await stored('user-policy', 'identify')
  assert.deepEqual(page.faults, [])
})

test('a source leaves people without a user id out, if it says so', async () => {
  const created = await server.fetch('sources', { method: 'POST', body: JSON.stringify({ name: 'Shy', settings: { ignore_anonymous: 'true' } }) })
  const shy = (await created.json()).write_keys[0]
  const page = await visit(pageOf('shy', `$screeb('init','${shy}');$screeb('event.track','before')`))
  await page.waitForFunction(() => !Object.keys(localStorage).some((name) => name.includes(':m:')))
  await page.evaluate(() => $screeb('identity', 'user-shy'))
  await page.evaluate(() => $screeb('event.track', 'then'))
  await stored('user-shy', 'identify', 'then')
  const { anonymous_id } = await page.evaluate(() => $screeb('identity.get'))
  const all = await (await server.fetch('export/events?format=jsonl')).text()
  assert.equal(all.split('\n').filter((line) => line.includes(anonymous_id)).length, 2)
})
