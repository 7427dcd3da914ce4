// Segment's article on instrumenting a copilot, step by step, in Chromium: the example against the real server
// (../../../bin/debrief, DEBRIEF_BIN), and what Debrief then knows and hands on.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import http from 'node:http'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Browser, Server, settled, until } from '../../../ui/e2e/harness.mjs'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
let server, browser, copilot, hook, mixpanel, chat, conversation, anonymous

before(async () => {
  server = await Server.start()
  browser = await Browser.open(server)
  hook = await receiver((request, body, hook) => {
    hook.bodies.push(body)
    hook.signed.push(signatureOf(request, body) === request.headers['webhook-signature'])
    return {}
  })
  mixpanel = await receiver((request, body, mixpanel) => {
    if (request.url.startsWith('/import')) mixpanel.bodies.push(...JSON.parse(body))
    else mixpanel.forms.push(request.url.split('?')[0])
    return { code: 200, status: 1, num_records_imported: 1, error: null }
  })
}, { timeout: 120_000 })
after(async () => {
  copilot?.kill()
  await browser?.close()
  await server?.stop()
  hook?.close()
  mixpanel?.close()
})

/** A server that keeps what it gets. */
async function receiver(answer) {
  const made = http.createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    response.end(JSON.stringify(answer(request, body, made)))
  })
  Object.assign(made, { bodies: [], forms: [], signed: [] })
  await new Promise((resolve) => made.listen(0, '127.0.0.1', resolve))
  made.url = `http://127.0.0.1:${made.address().port}`
  return made
}

/** The signature of Standard Webhooks over the exact body. */
function signatureOf(request, body) {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signed = `${request.headers['webhook-id']}.${request.headers['webhook-timestamp']}.${body}`
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
}

const put = (question, body, method = 'PUT') => server.fetch(question, { method, body: JSON.stringify(body) })
const post = (question, body) => put(question, body, 'POST')

/** Says something in the chat, and waits for the answer. */
async function say(text) {
  const answers = await chat.locator('.agent').count()
  await chat.getByLabel('Message', { exact: true }).fill(text)
  await chat.getByRole('button', { name: 'Send' }).click()
  await chat.locator('.agent').nth(answers).waitFor()
  return chat.locator('.agent').nth(answers).locator('p').innerText()
}

const metric = async (name) => (await server.api(`metrics/${name}?from=2020-01-01T00:00:00Z`)).total.value
const profile = async (id, rest) => {
  const token = (profile.token ??= (await (await post('tokens', { name: 'copilot', role: 'viewer' })).json()).secret)
  const answer = await fetch(`${server.base}/v1/spaces/default/collections/users/profiles/${encodeURIComponent(id)}/${rest}`, {
    headers: { authorization: `Basic ${btoa(`${token}:`)}` },
  })
  return answer.ok ? answer.text() : ''
}

test('step 1: the copilot runs', async () => {
  const { sources } = await server.api('sources')
  await profile('user_id:nobody', 'traits')
  copilot = spawn('node', [fileURLToPath(new URL('../server.mjs', import.meta.url))], {
    env: { ...process.env, PORT: '0', DEBRIEF_URL: server.base, WRITE_KEY: sources[0].write_keys[0], DEBRIEF_TOKEN: profile.token },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise((resolve) => copilot.stdout.on('data', (line) => resolve(/http\S+/.exec(line)?.[0])))
  chat = await browser.page({ storageState: undefined, baseURL: url })
  await chat.goto(url)
  anonymous = await chat.evaluate(() => localStorage.getItem('anonymousId'))
})

test('step 2: the tracking plan of the AI Copilot spec watches the source', async () => {
  const { sources } = await server.api('sources')
  await put(`sources/${sources[0].id}/plan`, { plan: 'segment-copilot', version: 'latest', enforcement: {} })
})

test('before anybody talks: traits, an audience and destinations are set up', async () => {
  await put('conversions/purchase', { events: ['Stock Purchased'], where: [] })
  const shown = ['source_event:eq:Component Loaded']
  for (const trait of [
    { key: 'conversation_count', name: 'Conversations', definition: { of: 'conversations', where: [], aggregate: 'count' } },
    { key: 'favourite_component', name: 'Most used component', definition: { of: 'events', where: shown, aggregate: 'most_frequent', field: 'artifact_type', min_count: 1 } },
    { key: 'stocks_asked_about', name: 'Stocks asked about', definition: { of: 'events', where: shown, aggregate: 'unique_list', field: 'properties.symbol' } },
    { key: 'favourite_stock', name: 'Favourite stock', definition: { of: 'events', where: shown, aggregate: 'most_frequent', field: 'properties.symbol', min_count: 1 } },
    { key: 'messages_to_purchase', name: 'Messages until a purchase', definition: { of: 'conversations', where: [], aggregate: 'avg', field: 'messages_to_conversion', conversion: 'purchase' } },
  ]) await post('traits', { doc: '', enabled: true, emit: 'identify', ...trait })
  await post('audiences', {
    key: 'buyers', name: 'Buyers', doc: '', enabled: true, emit: 'track',
    rule: { did: { of: 'events', where: ['source_event:eq:Stock Purchased'], at_least: 1 } },
  })
  await post('destinations', { name: 'our hook', kind: 'webhook', settings: { url: `${hook.url}/hook`, secret } })
  await post('destinations', { name: 'analytics', kind: 'mixpanel', settings: { token: '0123456789abcdef0123456789abcdef', endpoint: mixpanel.url } })
})

test('steps 3 to 6: an anonymous user asks, is shown components, and buys', async () => {
  assert.match(await say('hello'), /^Hello!/)
  assert.match(await say('What is trending?'), /stocks/)
  assert.match(await say('TSLA'), /TSLA is at/)
  assert.match(await say('Buy 3 TSLA'), /order for 3 TSLA/)
  await chat.getByRole('button', { name: /^Confirm 3 TSLA/ }).click()
  await chat.getByText('You own 3 TSLA now.').waitFor()
  await chat.getByRole('button', { name: '👍' }).last().click()
  await until('the conversation is stored', async () => {
    const { conversations } = await server.api('conversations?limit=1')
    conversation = conversations[0]
    return conversation?.messages === 8 && conversation.feedback === 1
  })
  assert.equal(conversation.components, 3)
})

test('step 3: with a sign-in, what was done before belongs to the user', async () => {
  await chat.getByLabel('Signed in as').fill('user-ada')
  await chat.getByRole('button', { name: 'Sign in' }).click()
  await until('the anonymous conversation is the user’s', async () => {
    const { conversations } = await server.api('conversations?limit=1')
    return conversations[0].person === 'user-ada'
  })
})

test('step 7: figures are what was done', async () => {
  assert.equal(await metric('conversations'), 1)
  assert.equal(await metric('messages'), 8)
  assert.equal(await metric('messages_per_conversation'), 8)
  assert.equal(await metric('messages_to_conversion'), 4)
  assert.equal(await metric('conversion_rate'), 1)
  assert.equal(await metric('components'), 3)
})

test('the conversation can be read, with its components and its purchase', async () => {
  const page = await browser.page()
  await page.goto(`/conversations/${conversation.conversation_id}`)
  await settled(page)
  const text = await page.locator('main').innerText()
  for (const said of ['What is trending?', 'TSLA is at $351.80.', 'Here is your order for 3 TSLA.', 'Stock Purchased', 'purchase']) assert.ok(text.includes(said), said)
  assert.deepEqual(page.faults, [])
})

test('computed traits say what the user does, here and in the Profile API', async () => {
  const want = { conversation_count: 1, favourite_component: 'purchase', stocks_asked_about: ['TSLA'], favourite_stock: 'TSLA', messages_to_purchase: 4, plan: 'free' }
  let traits
  await until('the traits are computed', async () => {
    const text = await profile('user_id:user-ada', 'traits?limit=200')
    traits = text ? JSON.parse(text).traits : {}
    return Object.keys(want).every((key) => key in traits)
  })
  for (const [key, value] of Object.entries(want)) assert.deepEqual(traits[key], value, key)
  const byAnonymous = JSON.parse(await profile(`anonymous_id:${anonymous}`, 'traits?limit=200')).traits
  assert.deepEqual(byAnonymous, traits)
  assert.match(await profile('user_id:user-ada', 'traits?format=prompt'), /TSLA/)
})

test('the copilot reads them before it answers', async () => {
  await chat.getByRole('button', { name: 'New chat' }).click()
  await chat.locator('.agent').first().waitFor({ state: 'detached' })
  assert.match(await say('hello'), /Shall we look at TSLA again\?/)
  assert.match(await say('Draw a chart of TSLA'), /how TSLA did/)
  await until('there are two conversations', async () => await metric('conversations') === 2)
  await until('and the trait follows', async () => JSON.parse(await profile('user_id:user-ada', 'traits?limit=200')).traits.conversation_count === 2)
})

test('the person is a buyer, on the page and in the audience', async () => {
  await until('the audience has a member', async () => JSON.stringify(await server.api('audiences/buyers/members')).includes('user-ada'))
  const page = await browser.page()
  await page.goto('/people/user-ada')
  await settled(page)
  const text = await page.locator('main').innerText()
  for (const shown of ['user-ada', 'free', 'TSLA', anonymous]) assert.ok(text.includes(shown), shown)
  assert.deepEqual(page.faults, [])
})

/** Opens a page, and holds its text to what must stand there. */
async function reads(path, ...all) {
  const page = await browser.page()
  await page.goto(path)
  await settled(page)
  let text
  await until(`${path} says ${all.join(', ')}`, async () => {
    text = (await page.locator('main').innerText()).replace(/\s+/g, ' ')
    return all.every((one) => one instanceof RegExp ? one.test(text) : text.includes(one))
  })
  assert.deepEqual(page.faults, [], path)
}

test('pages say what was done, what follows from it, and where it goes', async () => {
  await reads('/', 'Conversations 2 ', 'Active users 1 ', 'Messages per conversation 6 ', 'Conversion 50 % 1 of 2 conversations', 'Messages to conversion 4 ')
  await reads('/components', 'stocks', 'purchase', 'image', 'get_price 1', 'get_history 1')
  await reads('/traits', ...['Conversations', 'Most used component', 'Favourite stock', 'Messages until a purchase', 'Stocks asked about'].map((name) => new RegExp(`${name} [^|]*? 1 live`)))
  await reads('/audiences', 'Buyers had at least 1 event whose event is Stock Purchased 1 live')
  await reads('/data/destinations', /our hook webhook working [1-9]\d* 0 0/, /analytics mixpanel working [1-9]\d* 0 0/)
  await reads('/data/violations', 'Stock Purchased is not in the plan')
})

test('the webhook gets every call signed, and the audience that was entered', async () => {
  const calls = () => hook.bodies.map((body) => JSON.parse(body))
  await until('the audience call has arrived', () => calls().some((c) => c.event === 'Audience Entered' && c.properties.audience_key === 'buyers'))
  const names = calls().map((c) => c.event ?? c.type)
  for (const name of ['Conversation Started', 'Message Sent', 'Message Received', 'Component Loaded', 'Stock Purchased', 'Feedback Submitted', 'identify']) assert.ok(names.includes(name), name)
  assert.equal(names.filter((name) => name === 'Stock Purchased').length, 1)
  assert.ok(hook.signed.every(Boolean))
})

test('the analytics tool gets what its funnels need', async () => {
  await until('the purchase has arrived', () => mixpanel.bodies.some((e) => e.event === 'Stock Purchased'))
  const [bought] = mixpanel.bodies.filter((e) => e.event === 'Stock Purchased')
  assert.equal(bought.properties.conversationId, conversation.conversation_id)
  assert.equal(bought.properties.$device_id, anonymous)
  const sent = mixpanel.bodies.filter((e) => e.event === 'Message Sent' && e.properties.conversationId === conversation.conversation_id)
  assert.equal(sent.length, 4)
  assert.ok(mixpanel.forms.includes('/engage'))
})
