import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Page, settle, Storage } from './page.mjs'

const events = (calls) => calls.map((c) => c.event ?? c.type)

test('messages wait for each other for 50 ms, or until there are 20', async () => {
  const page = Page.ready()
  await page.command('event.track', 'second')
  await page.pass(49)
  assert.equal(page.requests.length, 0)
  await page.pass(1)
  assert.equal(page.requests.length, 1)
  for (let i = 0; i < 19; i++) await page.command('event.track', 'e')
  assert.equal(page.requests.length, 1)
  await page.command('event.track', 'e')
  await settle()
  assert.equal(page.requests.length, 2)
  assert.equal(page.requests[1].body.batch.length, 20)
})

test('a request needs no preflight, and outlives its page if it is small', async () => {
  const page = Page.ready()
  await page.pass(60)
  const [{ method, keepalive, headers, credentials }] = page.requests
  assert.deepEqual({ method, keepalive, headers, credentials }, { method: 'POST', keepalive: true, headers: undefined, credentials: 'omit' })
  await page.command('event.track', 'large', { text: '語'.repeat(20_000) }) // 60 kB as UTF-8
  await page.pass(60)
  assert.equal(page.requests[1].keepalive, false)
})

test('a request has 100 messages at most, and is not larger than the server takes', async () => {
  let up = false
  const page = Page.ready({ answer: () => ({ status: up ? 200 : 503 }) })
  for (let i = 0; i < 249; i++) await page.command('event.track', `e${i}`)
  await page.command('event.track', 'large', { text: 'x'.repeat(299_900) })
  await page.command('event.track', 'last')
  await page.pass(60)
  up = true
  page.requests.length = 0
  await page.pass(120_000)
  assert.deepEqual(page.requests.map((r) => r.body.batch.length), [100, 100, 50, 1, 1])
  assert.deepEqual(events(page.sent), ['identify', ...Array.from({ length: 249 }, (_, i) => `e${i}`), 'large', 'last'])
  assert.deepEqual(page.stored, [])
})

test('what fails is sent again, the same, after a growing pause', async () => {
  const answers = [{ status: 500 }, { status: 429, headers: { 'Retry-After': '7' } }, new Error('network'), { status: 408 }]
  const page = Page.ready({ answer: async () => { const a = answers.shift() ?? { status: 200 }; if (a instanceof Error) throw a; return a } })
  await page.pass(120_000)
  assert.equal(page.requests.length, 5)
  const ids = page.requests.map((r) => r.body.batch[0].messageId)
  assert.equal(new Set(ids).size, 1)
  const pauses = page.requests.map((r, i, all) => i && r.at - all[i - 1].at).slice(1)
  const between = (n, low, high) => assert.ok(n >= low && n <= high, `pauses ${pauses}`)
  between(pauses[0], 375, 625)
  between(pauses[1], 7000, 7000)
  between(pauses[2], 1500, 2500)
  between(pauses[3], 3000, 5000)
  assert.deepEqual(page.stored, [])
  assert.deepEqual(page.said('warn'), [])
})

test('messages that come during a pause do not cut it short, and go with the next attempt', async () => {
  let up = false
  const page = Page.ready({ answer: () => ({ status: up ? 200 : 500 }) })
  await page.pass(50)
  for (let i = 0; i < 25; i++) await page.command('event.track', 'more')
  await page.pass(300)
  assert.equal(page.requests.length, 1)
  up = true
  await page.pass(1000)
  assert.equal(page.requests.length, 2)
  assert.equal(page.requests[1].body.batch.length, 26)
})

test('messages that come during a request that fails do not cut the pause short either', async () => {
  let fail
  const page = Page.ready({ answer: () => new Promise((resolve) => { fail = () => resolve({ status: 500 }) }) })
  await page.pass(50)
  await page.command('event.track', 'meanwhile')
  fail()
  await page.pass(300)
  assert.equal(page.requests.length, 1)
})

test('an answer that does not come is waited for half a minute', async () => {
  let first = true
  const page = Page.ready({ answer: () => first ? (first = false, new Promise(() => {})) : { status: 200 } })
  await page.pass(29_000)
  assert.equal(page.requests.length, 1)
  await page.pass(3_000)
  assert.equal(page.requests.length, 2)
  assert.deepEqual(page.stored, [])
})

test('what the server refuses is given up, and said', async () => {
  const page = Page.ready({ answer: () => ({ status: 401, body: '{"code":"invalid_write_key"}' }) })
  await page.pass(120_000)
  assert.equal(page.requests.length, 1)
  assert.deepEqual(page.stored, [])
  assert.match(page.said('warn').join(), /401.*invalid_write_key/)
})

test('coming online, and being hidden, send at once', async () => {
  let up = false
  const page = Page.ready({ answer: () => ({ status: up ? 200 : 500 }) })
  await page.pass(10_000)
  up = true
  const before = page.requests.length
  page.fire('online')
  await settle()
  assert.equal(page.requests.length, before + 1)
  await page.command('event.track', 'last')
  page.window.document.hidden = true
  page.fire('visibilitychange')
  await settle()
  assert.deepEqual(events(page.requests.at(-1).body.batch), ['last'])
})

test('the next page sends what this one could not, once and in order', async () => {
  const storage = new Storage()
  const down = Page.ready({ storage, answer: () => ({ status: 503 }) })
  for (const name of ['a', 'b', 'c']) await down.command('event.track', name)
  await down.pass(5_000)
  const ids = down.requests[0].body.batch.map((c) => c.messageId)

  const next = Page.ready({ storage, now: down.now }, `$screeb('init', 'site')`)
  await next.pass(60)
  assert.deepEqual(events(next.sent), ['identify', 'a', 'b', 'c'])
  assert.deepEqual(next.sent.map((c) => c.messageId), ids)
  assert.deepEqual(next.stored, [])

  const last = Page.ready({ storage, now: down.now }, `$screeb('init', 'site')`)
  await last.pass(60)
  assert.deepEqual(last.sent, [])
})

test('what waits is bounded in number, size and age', async () => {
  const storage = new Storage()
  const answer = () => ({ status: 503 })
  const page = Page.ready({ storage, answer })
  for (let i = 0; i < 1100; i++) page.command('event.track', `e${i}`)
  assert.equal(page.stored.length, 1000)
  assert.match(storage.getItem(page.stored[0]), /"e100"/, 'the oldest go first')
  for (let i = 0; i < 10; i++) page.command('event.track', 'large', { text: 'x'.repeat(300_000) })
  assert.ok([...storage.kept.values()].join('').length < 2_100_000)
  assert.equal(page.stored.length, 6)

  const week = Page.ready({ storage, answer, now: page.now + 7 * 86_400_000 }, `$screeb('init', 'site')`)
  assert.equal(week.stored.length, 0)
})

test('without storage, or with a full one, messages are sent all the same', async () => {
  for (const storage of [null, Object.assign(new Storage(), { full: true })]) {
    const page = new Page({ storage })
    page.storage = storage
    page.load().run(`$screeb('init', 'site', { identity: { id: 'ada' } }); $screeb('event.track', 'good')`)
    await page.pass(60)
    assert.deepEqual(events(page.sent), ['identify', 'good'])
    assert.equal(page.sent[0].anonymousId, page.sent[1].anonymousId)
  }
})

test('when the page is left the browser takes what waits', async () => {
  const page = Page.ready()
  for (let i = 0; i < 10; i++) await page.command('event.track', 'e', { text: 'é'.repeat(5_000) })
  page.fire('pagehide')
  assert.ok(page.beacons.length > 1)
  assert.deepEqual(page.beacons.flatMap((b) => events(b.batch)), ['identify', ...Array(10).fill('e')])
  for (const b of page.beacons) assert.ok(Buffer.byteLength(JSON.stringify(b)) <= 60_000)
  assert.equal(page.beacons[0].writeKey, 'site')
  page.command('event.track', 'later still')
  assert.deepEqual(events(page.beacons.at(-1).batch), ['later still'])
  await page.pass(60_000)
  assert.equal(page.requests.length, 0)
  assert.equal(page.stored.length, 12, 'what the server has not confirmed stays')

  page.fire('pageshow')
  await page.pass(60_000)
  assert.equal(page.sent.length, 12)
  assert.deepEqual(page.stored, [])
})

test('what the browser does not take at the end stays for the next page', async () => {
  const storage = new Storage()
  const page = Page.ready({ storage, beacon: () => false, answer: () => new Promise(() => {}) })
  page.fire('pagehide')
  await settle()
  assert.equal(page.beacons.length, 0)
  assert.deepEqual(page.requests.map((r) => r.keepalive), [true], 'the last attempt may outlive the page')
  const next = Page.ready({ storage }, `$screeb('init', 'site')`)
  await next.pass(60)
  assert.deepEqual(events(next.sent), ['identify'])
})

test('a request under way when the page is left is not sent twice', async () => {
  const page = Page.ready({ answer: () => new Promise(() => {}) })
  await page.pass(60)
  assert.equal(page.requests.length, 1)
  await page.command('event.track', 'after')
  page.fire('pagehide')
  assert.deepEqual(page.beacons.flatMap((b) => events(b.batch)), ['after'])
})

test('a source may leave people without a user id out', async () => {
  const settings = (ignore) => ({ path }) => ({ status: 200, body: path.includes('settings') ? `{"ignoreAnonymous":${ignore}}` : '{}' })
  const play = async (options, init = `$screeb('init', 'site')`) => {
    const page = Page.ready(options, init)
    await page.command('event.track', 'anonymous')
    await page.pass(60)
    await page.command('event.track', 'anonymous too')
    await page.command('identity', 'ada')
    await page.command('event.track', 'known')
    await page.pass(60)
    return page
  }
  const all = ['anonymous', 'anonymous too', 'identify', 'known']
  const asked = (page) => page.requests.filter((r) => r.path === '/screeb/settings/site').length

  const open = await play({ answer: settings(false) })
  assert.deepEqual([events(open.sent), asked(open)], [all, 1])

  const shy = await play({ answer: settings(true) })
  assert.deepEqual([events(shy.sent), asked(shy), shy.stored.length], [['identify', 'known'], 1, 0])

  const own = await play({}, `$screeb('init', 'site', { ignoreAnonymous: true })`)
  assert.deepEqual([events(own.sent), asked(own)], [['identify', 'known'], 0])

  const known = Page.ready()
  await known.pass(60)
  assert.equal(asked(known), 0, 'nobody asks while the user is known')
})

test('while the settings are not known, people without a user id wait and others do not', async () => {
  let up = false
  const page = Page.ready({ answer: ({ path }) => ({ status: path.includes('settings') && !up ? 500 : 200, body: '{"ignoreAnonymous":false}' }) }, `$screeb('init', 'site')`)
  await page.command('event.track', 'anonymous')
  await page.command('identity', 'ada')
  await page.pass(60)
  assert.deepEqual(events(page.sent), ['identify'])
  page.fire('pagehide')
  assert.equal(page.beacons.length, 0)
  page.fire('pageshow')
  up = true
  await page.pass(10_000)
  assert.deepEqual(events(page.sent), ['identify', 'anonymous'])
})
