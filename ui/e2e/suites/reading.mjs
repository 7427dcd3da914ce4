import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findings, numberIn, picture, settled, until, visit } from '../harness.mjs'

/** What people add while they read: stars, labels, the queue of conversations to review, notes, links. */
export function suite(world) {
  const labelled = async (label) => (await world.server.api(`conversations?filter=label:eq:${label}&limit=1`)).total

  test('a star and a label are filters at once', async () => {
    const page = await world.browser.page()
    const { conversations: [first] } = await world.server.api('conversations?limit=1')
    await visit(page, `/conversations/${encodeURIComponent(first.conversation_id)}`)
    await page.keyboard.press('s')
    await page.getByRole('button', { name: /^Starred/ }).waitFor()
    await page.getByRole('textbox', { name: 'New label' }).or(page.getByRole('combobox', { name: 'New label' })).fill('needs work')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('link', { name: 'needs work' }).click()
    await settled(page)
    assert.equal(numberIn(await page.locator('h1').innerText()), 1)
    assert.equal(await labelled('star'), 1)
    await page.locator('tbody .first a').click()
    await settled(page)
    await page.getByRole('button', { name: 'Remove the label needs work' }).click()
    await page.getByRole('link', { name: 'needs work' }).waitFor({ state: 'detached' })
    assert.equal(await labelled('needs work'), 0)
    assert.deepEqual(page.faults, [])
  })

  test('a queue is filled from the list and worked off with R', async () => {
    const page = await world.browser.page()
    await visit(page, '/conversations?filter=feedback:gt:0&filter=converted:eq:true')
    const listed = numberIn(await page.locator('h1').innerText())
    await page.getByRole('button', { name: 'Label all' }).click()
    await page.getByRole('button', { name: 'To review' }).click()
    await until('all of the list are labelled', async () => (await labelled('review')) === listed)
    await visit(page, '/conversations?range=all&filter=label:eq:review')
    const links = await page.locator('tbody .first a').evaluateAll((all) => all.slice(0, 2).map((a) => new URL(a.href).pathname))
    await page.locator('tbody .first a').first().click()
    await page.locator(`.page-head a[href^="${links[1]}"]`).waitFor()
    await page.getByRole('button', { name: /^Reviewed, next/ }).waitFor()
    await page.keyboard.press('r')
    await page.waitForURL((url) => url.pathname === links[1])
    await until('the first is reviewed', async () => (await labelled('review')) === listed - 1 && (await labelled('reviewed')) === 1)
    assert.deepEqual(page.faults, [])
  })

  test('notes stay, and go when removed', async () => {
    const page = await world.browser.page()
    const { conversations: [, second] } = await world.server.api('conversations?limit=2')
    await visit(page, `/conversations/${encodeURIComponent(second.conversation_id)}`)
    await page.getByRole('textbox', { name: 'New note' }).fill('the tool was <b>down</b>')
    await page.getByRole('button', { name: 'Add note' }).click()
    await page.locator('.notes').getByText('the tool was <b>down</b>').waitFor()
    await page.reload()
    await page.locator('.notes').getByText('the tool was <b>down</b>').waitFor()
    await page.getByRole('button', { name: /^Remove the note/ }).click()
    await page.locator('.notes li').waitFor({ state: 'detached' })
    assert.deepEqual(page.faults, [])
  })

  test('a link shows the conversation masked to anybody, until it is ended', async () => {
    const id = 'ui-test-shared'
    const at = new Date(Date.now() - 60_000).toISOString()
    await world.server.send([
      { type: 'track', event: 'Message Sent', userId: 'sharer', messageId: `ui-test-share-${world.server.base}`, timestamp: at, properties: { conversationId: id, messageId: 'm1', message_body: 'Hi, I am Maria Gonzalez. <i>Please</i> help' } },
    ])
    await until('it is stored', async () => (await world.server.api(`conversations?filter=conversation_id:eq:${id}`)).total === 1)
    const page = await world.browser.page()
    await visit(page, `/conversations/${id}`)
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('button', { name: 'Make a link' }).click()
    const link = await page.getByRole('textbox', { name: 'The link' }).inputValue()
    const guest = await world.browser.page({ storageState: { cookies: [], origins: [] }, javaScriptEnabled: false })
    await guest.goto(link)
    const text = await guest.locator('.transcript').innerText()
    assert.match(text, /<i>Please<\/i> help/)
    assert.doesNotMatch(text, /Maria|Gonzalez|sharer/)
    await picture(guest, 'shared')
    await page.getByRole('button', { name: 'End it' }).click()
    await page.getByText('End it').waitFor({ state: 'detached' })
    const ended = await guest.goto(link)
    assert.equal(ended.status(), 404)
    await page.goto(link)
    assert.deepEqual(await findings(page), [])
  })

  test('a conversation and the list go as files', async () => {
    const markdown = await world.server.fetch('conversations/ui-test-shared/export').then((r) => r.text())
    assert.match(markdown, /^# Hi, I am Maria/)
    const parquet = await world.server.fetch('export/conversations?format=parquet&filter=feedback:gt:0').then((r) => r.arrayBuffer())
    assert.equal(Buffer.from(parquet).subarray(-4).toString(), 'PAR1')
  })
}
