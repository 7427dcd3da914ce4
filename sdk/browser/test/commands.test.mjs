import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Page, reasonOf, settle, Storage } from './page.mjs'

/** What a call says, without what every call has. */
const said = ({ messageId, anonymousId, timestamp, channel, context, ...rest }) => rest

test('every command becomes a call', async () => {
  const page = Page.ready({}, `$screeb('init', 'site', { identity: { id: 'ada', properties: { plan: 'pro', left: null, since: new Date(0), skip: undefined, f() {} } } })`)
  page.run(`
    $screeb('identity', 42, { age: 36 })
    $screeb('identity.properties', { age: null })
    $screeb('identity.group.assign', 'company', 'acme', { city: 'Paris' })
    $screeb('identity.group.assign', null, 'acme')
    $screeb('identity.group.unassign', 'company', 'acme')
    $screeb('event.track', 'Signed up')
    $screeb('event.copilot', 'screeb_copilot_user_prompt', { prompt: 'Hi', conversation_id: 'c', session_id: 's' })
  `)
  await page.pass(60)
  assert.deepEqual(page.sent.map(said), [
    { type: 'identify', userId: 'ada', traits: { plan: 'pro', left: null, since: '1970-01-01T00:00:00.000Z' } },
    { type: 'identify', userId: '42', traits: { age: 36 } },
    { type: 'identify', userId: '42', traits: { age: null } },
    { type: 'group', userId: '42', groupId: 'acme', traits: { city: 'Paris', group_type: 'company' } },
    { type: 'group', userId: '42', groupId: 'acme', traits: {} },
    { type: 'track', userId: '42', event: 'Group Unassigned', properties: { groupId: 'acme', group_type: 'company' } },
    { type: 'track', userId: '42', event: 'Signed up', properties: {} },
    { type: 'track', userId: '42', event: 'screeb_copilot_user_prompt', properties: { prompt: 'Hi', conversation_id: 'c', session_id: 's' } },
  ])
  const { session_id } = await page.command('identity.get')
  const call = page.sent.at(-1)
  assert.equal(call.timestamp, '2026-11-21T10:00:00.000Z')
  assert.equal(call.channel, 'web')
  assert.match(call.messageId, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.deepEqual(call.context, {
    library: { name: 'debrief-screeb-tag', version: page.run('$screeb.__debrief') }, sessionId: session_id,
    locale: 'en-GB', timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, userAgent: 'Test/1',
    page: { url: 'https://shop.example/chat?tab=1', path: '/chat', search: '?tab=1', title: 'Shop', referrer: 'https://search.example/' },
  })
  const ids = page.sent.map((c) => c.messageId)
  assert.equal(new Set(ids).size, ids.length)
  assert.deepEqual(ids, [...ids].sort(), 'ids sort in the order of the commands')
  assert.equal(page.requests[0].body.writeKey, 'site')
  assert.equal(page.requests[0].body.sentAt, '2026-11-21T10:00:00.050Z')
})

test('what cannot be taken is rejected, and nothing is sent of it', async () => {
  const page = Page.ready()
  await page.pass(60)
  const sent = page.sent.length
  const long = 'x'.repeat(128)
  for (const [args, why] of [
    [['event.track', 'bad#name'], /name of an event/], [['event.track', ''], /name of an event/], [['event.track', long], /name of an event/],
    [['event.track'], /name of an event/], [['event.copilot', 'é'], /name of an event/], [['event.track', 'ok', 'text'], /properties/], [['event.track', 'ok', []], /properties/],
    [['identity'], /user id/], [['identity', ''], /user id/], [['identity', 'x'.repeat(256)], /user id/], [['identity', {}], /user id/],
    [['identity.group.assign', 'company'], /group's id/], [['identity.group.assign', 'a#', 'acme'], /group's type/], [['identity.group.unassign', null, long], /group's id/],
    [['no.such.command'], /unknown command/], [['toString'], /unknown command/], [[7], /name of a command/], [[], /name of a command/],
    [['init'], /website id/], [['init', 'site', { identity: { id: 'x'.repeat(256) } }], /user id/],
  ]) {
    assert.match(await reasonOf(page.command(...args)), why, JSON.stringify(args))
  }
  page.run('var round = {}; round.round = round')
  assert.match(await reasonOf(page.run(`$screeb('event.track', 'ok', round)`)), /JSON/)
  assert.match(await reasonOf(page.run(`$screeb('identity', 'eve', round)`)), /JSON/)
  await page.pass(60)
  assert.equal(page.sent.length, sent)
  assert.equal((await page.command('identity.get')).user_id, 'ada', 'a refused identity changes nothing')
  for (const name of ['x'.repeat(127), 'A-Z_a.z /:9']) await page.command('event.track', name)
  await page.pass(60)
  assert.equal(page.sent.length, sent + 2)
  assert.deepEqual(page.said('warn'), [])
})

test('nothing is taken before init and after close, and init opens again', async () => {
  const page = new Page().load()
  assert.match(await reasonOf(page.command('identity.get')), /init first/)
  await page.command('init', 'site', { identity: { id: 'ada' } })
  await page.command('event.track', 'before')
  await page.command('close')
  assert.match(await reasonOf(page.command('event.track', 'after')), /init first/)
  await settle()
  assert.deepEqual(page.sent.map((c) => c.event ?? c.type), ['identify', 'before'], 'close does not wait')
  await page.command('init', 'site')
  await page.command('event.track', 'again')
  await page.pass(60)
  assert.deepEqual(page.sent.at(-1).event, 'again')
  assert.deepEqual(page.sent.at(-1).userId, 'ada')
})

test('the person is remembered by the next page, until another or a reset', async () => {
  const storage = new Storage()
  const first = Page.ready({ storage }, `$screeb('init', 'site')`)
  const anonymous = await first.command('identity.get')
  assert.equal(anonymous.user_id, null)
  await first.command('identity', 'ada')
  const ada = await first.command('identity.get')
  assert.equal(ada.anonymous_id, anonymous.anonymous_id, 'who comes to be known was there before')

  const second = Page.ready({ storage }, `$screeb('init', 'site', { identity: {} })`)
  assert.deepEqual({ ...(await second.command('identity.get')) }, { ...ada })

  await second.command('identity', 'bob')
  const bob = await second.command('identity.get')
  assert.equal(bob.user_id, 'bob')
  assert.notEqual(bob.anonymous_id, ada.anonymous_id, 'the second user of a browser is not the first')
  assert.equal((await first.command('identity.get')).user_id, 'bob', 'other tabs know')

  await second.command('identity.reset')
  const nobody = await second.command('identity.get')
  assert.equal(nobody.user_id, null)
  assert.notEqual(nobody.anonymous_id, bob.anonymous_id)
  assert.notEqual(nobody.session_id, bob.session_id)

  const other = Page.ready({ storage }, `$screeb('init', 'another site')`)
  assert.notEqual((await other.command('identity.get')).anonymous_id, nobody.anonymous_id)
})

test('identity.get says what Screeb says', async () => {
  const page = Page.ready()
  const got = await page.command('identity.get')
  assert.deepEqual(Object.keys(got), ['channel_id', 'anonymous_id', 'user_id', 'is_ready', 'session_id', 'session_start', 'session_end'])
  assert.deepEqual([got.channel_id, got.user_id, got.is_ready], ['site', 'ada', true])
  assert.deepEqual([got.session_start, got.session_end], ['2026-11-21T10:00:00.000Z', '2026-11-21T10:30:00.000Z'])
})

test('a session ends after half an hour without a command', async () => {
  const page = Page.ready()
  const { session_id } = await page.command('identity.get')
  await page.pass(29 * 60_000)
  const later = await page.command('identity.get')
  assert.deepEqual([later.session_id, later.session_start, later.session_end], [session_id, '2026-11-21T10:00:00.000Z', '2026-11-21T10:59:00.000Z'])
  await page.pass(31 * 60_000)
  const next = await page.command('identity.get')
  assert.notEqual(next.session_id, session_id)
  assert.equal(next.session_start, '2026-11-21T11:00:00.000Z')
})

test('a remembered text that is not ours does no harm', async () => {
  const storage = new Storage()
  storage.setItem('debrief:site:who', '{"anonymous":7}')
  storage.setItem('debrief:site:m:junk', '{"type"')
  const page = Page.ready({ storage })
  assert.match((await page.command('identity.get')).anonymous_id, /^[0-9a-f-]{36}$/)
  assert.equal(storage.getItem('debrief:site:m:junk'), null)
})

test('commands that track nothing resolve, and warn once', async () => {
  const page = Page.ready()
  for (const name of ['survey.start', 'survey.start', 'message.close', 'targeting.check', 'session-replay.start', 'device.event.track']) {
    assert.equal(await page.command(name), undefined)
  }
  await page.command('client.internal.web', { secondary_sdk_name: 'sdk-browser' })
  assert.equal(page.said('warn').length, 5)
  await page.pass(60)
  assert.deepEqual(page.sent.map((c) => c.type), ['identify'])
})

test('onReady is called with the identity, and may fail', async () => {
  const page = new Page().load()
  await page.run(`$screeb('init', 'site', { identity: { id: 'ada' }, language: 'fr', hooks: { version: '1.0.0', onReady: (p) => { window.ready = p; throw new Error('of the page') } } })`)
  await page.pass(60)
  assert.equal(page.window.ready.user_id, 'ada')
  assert.match(page.said('error').join(), /of the page/)
  assert.equal(page.sent[0].context.locale, 'fr')
})

test('debug prints who, where and how much waits', async () => {
  const page = Page.ready()
  await page.command('debug')
  const [, , shown] = page.lines.find(([level]) => level === 'log')
  assert.deepEqual([shown.channel_id, shown.user_id, shown.server, shown.pending], ['site', 'ada', 'https://debrief.example', 1])
})
