import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import http from 'node:http'
import { after, afterEach, before, describe, test } from 'node:test'
import { Browser, Server, findings, settled, until, visit } from './harness.mjs'
import { look } from './suites/access.mjs'

const secret = `whsec_${Buffer.from('only the two of us know this').toString('base64')}`
const hidden = 'of-the-path-nobody-else-knows'

/** A receiver of webhooks, as somebody else would write one: it checks signatures by Standard Webhooks' text. */
class Receiver {
  got = []
  status = 200

  async start() {
    this.server = http.createServer(async (request, response) => {
      const chunks = []
      for await (const chunk of request) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      if (this.status < 300 && body.length > 0) this.got.push({ headers: request.headers, body: body.toString() })
      response.writeHead(this.status).end(this.status < 300 ? '' : 'out of order')
    })
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${this.server.address().port}/${hidden}`
  }

  /** The delivered call of this name, once it is there. */
  async call(event) {
    const find = () => this.got.find((g) => JSON.parse(g.body).event === event)
    await until(`${event} is delivered`, find)
    return find()
  }

  stop() {
    this.server.closeAllConnections()
    return new Promise((resolve) => this.server.close(resolve))
  }
}

function assertSigned({ headers, body }) {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64')
  assert.equal(headers['webhook-signature'], `v1,${signature}`)
  assert.equal(headers['x-signature'], createHmac('sha1', secret).update(body).digest('hex'))
}

const call = (event, id, properties = {}) => ({ type: 'track', event, userId: 'outgoing', messageId: `outgoing-${id}`, properties: { conversationId: 'outgoing-1', ...properties } })

describe('destinations and functions', () => {
  const world = {}
  const receiver = new Receiver()
  before(async () => {
    await receiver.start()
    world.server = await Server.start()
    world.browser = await Browser.open(world.server)
  }, { timeout: 120_000 })
  afterEach((t) => world.browser?.tidy(t))
  after(async () => {
    await world.browser?.close()
    await world.server?.stop()
    await receiver.stop()
  })

  const destinationPath = async () => `/data/destinations/${(await world.server.api('destinations')).destinations[0].id}`

  /** The secrets stand neither on the page nor in what the API answers. */
  async function assertSecret(page) {
    const shown = await page.evaluate(() => document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea')].map((i) => i.value).join())
    const [{ id }] = (await world.server.api('destinations')).destinations
    const answers = await Promise.all(['', `/${id}`, `/${id}/errors`, `/${id}/dead-letters`, `/${id}/deliveries`].map(async (part) => (await world.server.fetch(`destinations${part}`)).text()))
    for (const text of [shown, ...answers]) assert.ok(!text.includes(secret) && !text.includes(hidden), 'a secret is shown')
  }

  test('pages without anything say what to do', async () => {
    const page = await world.browser.page()
    await visit(page, '/data/destinations')
    await page.getByText('Nothing is handed on yet').waitFor()
    await page.getByRole('link', { name: 'Functions' }).click()
    await page.getByText('No function yet').waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'Add a destination' }).click()
    await page.getByRole('link', { name: 'Webhook', exact: true }).waitFor()
  })

  test('a webhook is added by the form, tested, and gets what comes in, signed', async () => {
    const page = await world.browser.page()
    await visit(page, '/data/destinations/new')
    await page.getByRole('link', { name: 'Webhook', exact: true }).click()
    await page.getByLabel('Name', { exact: true }).fill('orders hook')
    await page.getByLabel('URL', { exact: true }).fill(receiver.url)
    await page.getByLabel(/^Signing secret/).fill(secret)
    await page.getByLabel(/^But not/).fill('Internal *')
    await page.getByRole('button', { name: 'Test these settings' }).click()
    await page.getByText('calls can be sent to it').waitFor()
    assert.deepEqual((await world.server.api('destinations')).destinations, [], 'it is tried before it is saved')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('heading', { name: 'orders hook' }).waitFor()
    await page.getByRole('button', { name: 'Test connection' }).click()
    await page.getByText('calls can be sent to it').waitFor()

    await world.server.send([call('Order Placed', 1, { total: 12 }), call('Internal Note', 2)])
    assertSigned(await receiver.call('Order Placed'))
    const steps = page.locator('.delivery-steps')
    await steps.locator('.done').getByText('1', { exact: true }).waitFor()
    assert.match(await steps.locator('li.out').first().innerText(), /Filtered[^]*1/)
    assert.ok(!receiver.got.some((g) => g.body.includes('Internal Note')))
    await assertSecret(page)
  })

  test('kept secrets stay when other settings change', async () => {
    const page = await world.browser.page()
    await visit(page, `${await destinationPath()}?tab=settings`)
    assert.equal(await page.getByLabel('URL', { exact: true }).getAttribute('placeholder'), 'kept; type to replace')
    assert.equal(await page.getByLabel('URL', { exact: true }).inputValue(), '')
    await page.getByLabel('Name', { exact: true }).fill('orders')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved.').waitFor()
    const [d] = (await world.server.api('destinations')).destinations
    assert.equal(d.name, 'orders')
    assert.deepEqual(d.filter, { except: ['Internal *'] })
    await world.server.send([call('Order Seen', 3)])
    assertSigned(await receiver.call('Order Seen'))
    await assertSecret(page)
  })

  test('what a mapping makes is seen before it is saved, and nothing is sent', async () => {
    const page = await world.browser.page()
    await visit(page, `${await destinationPath()}?tab=settings`)
    const before = receiver.got.length
    await page.getByLabel(/^Mapping as JSON/).fill('{"what": {"@path": "$.event"}, "who": {"@path": "$.userId"}}')
    await page.getByRole('button', { name: 'Show what would be sent' }).click()
    const shown = page.getByLabel('What would be sent', { exact: true })
    await shown.getByText('POST to http://127.0.0.1').first().click()
    await shown.getByText('"what": "Order Seen"').waitFor()
    await shown.getByText('left out').waitFor() // the internal note
    await assertSecret(page)
    await page.getByText('Of a call of mine').click()
    await page.getByLabel(/^A call as Segment writes it/).fill('{"type": "track", "event": "Order Of Mine", "userId": "ada"}')
    await page.getByRole('button', { name: 'Show what would be sent' }).click()
    await shown.getByText('"what": "Order Of Mine"').waitFor()
    assert.equal(receiver.got.length, before)
    assert.equal((await world.server.api('destinations')).destinations[0].mapping, undefined)
  })

  test('what a place in trouble does not take waits, and arrives when it is up', async () => {
    const page = await world.browser.page()
    await visit(page, await destinationPath())
    receiver.status = 500
    await world.server.send([call('Order Late', 4)])
    const failed = page.getByRole('region', { name: 'Failed attempts' })
    await failed.getByText('tried again').first().waitFor()
    assert.match(await failed.innerText(), /Order Late\s+500/)
    await page.getByText('Tried again:').waitFor()
    assert.ok(!receiver.got.some((g) => g.body.includes('Order Late')))
    await assertSecret(page)
    receiver.status = 200
    assertSigned(await receiver.call('Order Late'))
  })

  test('what is refused for good is a dead letter, and is replayed', async () => {
    const page = await world.browser.page()
    await visit(page, await destinationPath())
    receiver.status = 400
    await world.server.send([call('Order Refused', 5), call('Order Refused Too', 6)])
    await page.getByRole('link', { name: /2 dead letters/ }).click()
    await page.getByRole('row', { name: /Order Refused Too/ }).waitFor()
    await page.getByRole('button', { name: 'Only those with 400' }).first().click()
    await page.waitForURL(/code=400/)
    assert.deepEqual(await findings(page), [])
    receiver.status = 200
    await page.getByRole('button', { name: 'Replay outgoing-6' }).click()
    await page.getByText('1 call is sent again.').waitFor()
    assertSigned(await receiver.call('Order Refused Too'))
    assert.ok(!receiver.got.some((g) => JSON.parse(g.body).event === 'Order Refused'))
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByRole('button', { name: 'Replay all 1' }).click()
    await receiver.call('Order Refused')
    await page.getByText('No dead letters').waitFor()
    await page.goBack()
    await page.waitForURL(/code=400/)
  })

  test('a paused destination sends nothing until it is resumed', async () => {
    const page = await world.browser.page()
    await visit(page, await destinationPath())
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Nothing is sent; calls wait until it is resumed.').waitFor()
    await world.server.send([call('Order Paused', 7)])
    await until('the call is stored', async () => (await world.server.api('events?where=source_event:eq:Order Paused')).events.length === 1)
    assert.ok(!receiver.got.some((g) => g.body.includes('Order Paused')))
    await page.getByRole('button', { name: 'Resume' }).click()
    await receiver.call('Order Paused')
  })

  test('a period is sent once more', async () => {
    const page = await world.browser.page()
    await visit(page, `${await destinationPath()}?tab=backfill`)
    const before = receiver.got.length
    await page.getByRole('button', { name: 'Start the backfill' }).click()
    await page.getByText(/: done, \d+ of \d+ calls looked at/).waitFor()
    await until('the calls came again', () => receiver.got.length >= before + 6)
    const placed = receiver.got.filter((g) => JSON.parse(g.body).event === 'Order Placed')
    assert.equal(new Set(placed.map((g) => g.headers['webhook-id'])).size, 1, 'a repetition has the id of the first')
  })

  test('who has a trait already is told to a destination that is chosen, by a backfill', async () => {
    const page = await world.browser.page()
    await world.server.send([call('Message Sent', 'said', { messageId: 'm1', text: 'hello' })])
    await visit(page, '/traits?new=1')
    await page.getByLabel('Name', { exact: true }).fill('Messages')
    await page.getByLabel('Changes are told as').selectOption('none')
    assert.equal(await page.getByRole('checkbox', { name: /^orders/ }).count(), 0, 'nobody is told')
    await page.getByRole('button', { name: 'Save the trait' }).click()
    await page.getByRole('heading', { name: 'Messages' }).waitFor()
    const [{ id }] = (await world.server.api('destinations')).destinations
    await until('the trait is computed', async () => (await world.server.api('traits/messages')).status.state === 'Live')
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Changes are told as').selectOption('track')
    await page.getByRole('checkbox', { name: /^orders/ }).check()
    await page.getByRole('button', { name: 'Save the trait' }).click()
    await until('the destination is kept', async () => (await world.server.api('traits/messages')).destinations.join() === id)

    await visit(page, `/data/destinations/${id}?tab=backfill`)
    await page.getByRole('button', { name: 'Send traits and audiences' }).click()
    await page.getByText(/What is computed: done, 1 of 1 values/).waitFor()
    assert.equal(JSON.parse((await receiver.call('Trait Computed')).body).properties.trait_key, 'messages')
    assertSigned(await receiver.call('Trait Computed'))

    await visit(page, `/data/destinations/${id}?tab=settings`)
    await page.getByRole('checkbox', { name: 'Changes of traits and audiences' }).waitFor()
    assert.deepEqual(await findings(page), [])
  })

  test('a function is written, tried on a recent call, deployed, and changes what the webhook gets', async () => {
    const page = await world.browser.page()
    await visit(page, '/data/functions/new')
    await page.getByLabel('Name', { exact: true }).fill('Team of the order')
    await page.getByRole('button', { name: 'Write its code' }).click()
    const editor = page.getByLabel('Code in JavaScript')
    await editor.waitFor()
    await editor.fill('async function onTrack(event, settings) {\n  console.log("seen", settings.key)\n  event.properties.team = settings.team\n  return event\n}')
    await editor.press('End')
    await page.getByRole('link', { name: 'Settings', exact: true }).click()
    await page.getByRole('button', { name: 'Add a setting' }).click()
    await page.getByLabel('Name in the code').fill('team')
    await page.getByLabel('Value of team').fill('growth')
    await page.getByRole('button', { name: 'Add a setting' }).click()
    await page.getByLabel('Name in the code').nth(1).fill('key')
    await page.getByLabel('Value of key').fill('key-of-the-function')
    await page.getByLabel('Secret: never shown again').nth(1).check()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await until('the settings are saved', async () => (await world.server.api('functions')).functions[0].version === 2)
    await page.getByRole('link', { name: 'Code', exact: true }).click()
    await page.getByRole('button', { name: 'Run the test' }).click()
    const result = page.getByLabel('Result of the test')
    await result.getByText('passed').waitFor()
    assert.match(await result.innerText(), /\+ {5}"team": "growth"/)
    assert.match(await page.getByRole('region', { name: 'Console' }).innerText(), /^seen /)
    await page.getByLabel('What is new').fill('adds the team')
    await page.getByRole('button', { name: 'Save and deploy' }).click()
    await page.getByText(/^Version \d+ runs\.$/).waitFor()
    assert.ok(!(await page.content()).includes('key-of-the-function'))
    const [fn] = (await world.server.api('functions')).functions
    assert.ok(!JSON.stringify([fn, await world.server.api(`functions/${fn.id}`)]).includes('key-of-the-function'))

    await visit(page, `${await destinationPath()}?tab=settings`)
    await page.getByLabel('Run a function before calls are sent').selectOption({ label: 'Team of the order' })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved.').waitFor()
    await world.server.send([call('Order With Team', 8)])
    const got = await receiver.call('Order With Team')
    assertSigned(got)
    assert.equal(JSON.parse(got.body).properties.team, 'growth')

    await visit(page, `/data/functions/${fn.id}?tab=logs`)
    const runs = page.getByRole('region', { name: 'Runs' })
    await until('the run is logged', async () => {
      await page.getByRole('button', { name: 'Ask again' }).click()
      await settled(page)
      return (await runs.count()) > 0
    })
    assert.ok(!(await page.content()).includes('key-of-the-function'))
    await visit(page, `/data/functions/${fn.id}?tab=versions`)
    await page.getByRole('region', { name: 'What changed in the code' }).getByText(/\+ .*event\.properties\.team = settings\.team/).first().waitFor()
    await page.getByRole('button', { name: 'Restore version 1' }).click()
    await page.getByText('version 4 runs').or(page.getByRole('cell', { name: 'version 4', exact: true })).first().waitFor()
  })

  test('the Tab key indents code, and can be left', async () => {
    const [fn] = (await world.server.api('functions')).functions
    const page = await world.browser.page()
    await visit(page, `/data/functions/${fn.id}`)
    const editor = page.getByLabel('Code in JavaScript')
    await editor.fill('a {')
    await editor.press('End')
    await editor.press('Enter')
    await page.keyboard.type('b')
    await editor.press('Shift+Tab')
    assert.equal(await editor.inputValue(), 'a {\nb')
    await editor.press('Tab')
    assert.equal(await editor.inputValue(), 'a {\nb  ')
    await editor.press('ControlOrMeta+z')
    assert.equal(await editor.inputValue(), 'a {\nb')
    await editor.press('Escape')
    await editor.press('Tab')
    assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'TEXTAREA')
  })

  test('the pages pass axe, fit the screen and break no policy', { timeout: 600_000 }, async (t) => {
    const [fn] = (await world.server.api('functions')).functions
    const path = await destinationPath()
    await look(t, world, {
      destinations: '/data/destinations',
      'destination-kinds': '/data/destinations/new',
      'destination-new': '/data/destinations/new?kind=webhook',
      destination: path,
      'destination-settings': `${path}?tab=settings`,
      'destination-dead': `${path}?tab=dead`,
      function: `/data/functions/${fn.id}`,
      'function-settings': `/data/functions/${fn.id}?tab=settings`,
      'function-versions': `/data/functions/${fn.id}?tab=versions`,
      'function-logs': `/data/functions/${fn.id}?tab=logs`,
    }, {
      function: async (page) => {
        await page.getByRole('button', { name: 'Run the test' }).click()
        await page.getByLabel('Result of the test').waitFor()
        await page.getByText('Limits, and what becomes of failures').click()
      },
      'destination-settings': async (page) => {
        await page.getByRole('button', { name: 'Add a condition' }).click()
        await page.getByText('Names that came in').click()
        await page.getByRole('button', { name: 'Begin with the default' }).click()
        await page.getByRole('button', { name: 'Show what would be sent' }).click()
        await page.getByLabel('What would be sent', { exact: true }).waitFor()
      },
    })
  })
})
