import assert from 'node:assert/strict'
import { test } from 'node:test'
import { query, visit } from '../harness.mjs'
import { sendTraces } from '../seed.mjs'

export function suite(world) {
  const open = async (options) => {
    const page = await world.browser.page(options)
    await visit(page, `/conversations/${world.traced}`)
    return page
  }

  test('an answer shows the call that made it, with tokens, cost and times', async () => {
    const page = await open()
    const answer = page.locator('.message.agent').filter({ hasText: 'There are 42 left' })
    const call = await answer.locator('.note.call').innerText()
    for (const part of ['gpt-5-mini', '1,200 tokens in (800 cached), 90 out (40 reasoning)', 'computed', '350 ms', 'first token after 120 ms']) assert.ok(call.includes(part), `${part} in ${call}`)
    assert.match(call, /\$0\.\d+/)
    assert.equal(await page.locator('.message').count(), 3)
    assert.equal(await page.locator('.who').getByRole('link', { name: 'from the trace' }).count(), 3)
    assert.deepEqual(page.faults, [])
  })

  test('calls without an answer and tools stand between, failures named', async () => {
    const page = await open()
    const calls = page.locator('li.note.call')
    assert.equal(await calls.count(), 2)
    assert.match(await calls.nth(0).innerText(), /asked for a tool/)
    assert.match(await calls.nth(1).innerText(), /failed: server_error[\s\S]*upstream 500/)
    const tool = page.locator('.note.tool')
    assert.match(await tool.innerText(), /ship_order[\s\S]*failed · timeout[\s\S]*carrier timeout/)
    await tool.getByText('Arguments and result').click()
    assert.deepEqual(JSON.parse(await page.getByRole('region', { name: 'Arguments of ship_order' }).innerText()), { sku: 'SKU-7' })
  })

  test('the facts count calls, tokens, cost and failures', async () => {
    const page = await open()
    const facts = await page.locator('.side section').filter({ has: page.getByRole('heading', { name: 'Facts', exact: true }) }).innerText()
    for (const want of [/Model calls\s+3/, /Of them\s+1 failed/, /Tokens\s+1,230 in, 97 out/, /Cost\s+\$0\.\d+/, /Tools\s+1 call, 1 failed/]) assert.match(facts, want)
    assert.match(await page.locator('.side').innerText(), /filled in from the trace/)
    assert.equal(await page.locator('.side .mark.warn').count(), 0, 'what a trace filled in is no repair')
  })

  test('messages of a browser that a trace has too are shown once, with the call that made them', async () => {
    const id = 'traced-merged'
    const timestamp = new Date(Date.now() - 60_000).toISOString()
    const message = (event, n, message_body) => ({ type: 'track', event, userId: 'tracer', messageId: `ui-merged-message-${n}`, timestamp, properties: { conversationId: id, messageId: `browser-${n}`, message_body } })
    await world.server.fetch('sources', { method: 'POST', body: JSON.stringify({ name: 'Browser' }) }) // the first source follows a plan
    await world.server.send([message('Message Sent', 1, 'Is SKU-7 in stock, and can you ship it?'), message('Message Received', 2, 'There are 42 left; the carrier did not answer.')], 1)
    await sendTraces(world.server, id)
    const page = await world.browser.page()
    await visit(page, `/conversations/${id}`)
    assert.equal(await page.locator('.message').count(), 3)
    assert.equal(await page.getByText('also in the trace').count(), 2)
    assert.equal(await page.getByRole('link', { name: 'from the trace' }).count(), 1)
    await page.locator('.message.agent').getByText('1,200 tokens in').waitFor()
  })

  test('spans are folded, and open as a waterfall whose rows lead to journeys', async () => {
    const page = await open()
    const turns = page.locator('.spans')
    assert.deepEqual(await turns.locator('summary').allInnerTexts(), ['5 spans', '2 spans'])
    const first = turns.first()
    assert.equal(await first.getByRole('link').first().isVisible(), false)
    await first.locator('summary').press('Enter')
    const names = await first.getByRole('link').allInnerTexts()
    assert.match(names[0], /invoke_agent/)
    assert.equal(names.length, 5)
    const indent = (n) => first.getByRole('link').nth(n).evaluate((a) => parseFloat(a.style.paddingLeft))
    assert.deepEqual([await indent(0), await indent(1), await indent(3)], [0, 0.9, 1.8])
    await first.getByRole('link').nth(1).click()
    await page.getByText('The call is an event').waitFor()
    assert.match(page.url(), /\/data\/journey\?.*id=/)
  })

  test('live hides spans and logs when told to', async () => {
    const page = await world.browser.page()
    await visit(page, '/data/live?spans=0')
    assert.equal(await page.getByLabel('Spans and logs').isChecked(), false)
    await page.getByText('Listening').waitFor()
    await sendTraces(world.server, 'traced-live')
    await page.locator('.live').getByText('There are 42 left').first().waitFor()
    assert.equal(await page.locator('.live .technical').count(), 0)
    await page.getByLabel('Spans and logs').check()
    await page.locator('.live .technical').first().waitFor()
    assert.equal(query(page).get('spans'), null)
    assert.deepEqual(page.faults, [])
  })
}
