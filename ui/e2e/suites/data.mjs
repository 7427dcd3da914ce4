import assert from 'node:assert/strict'
import { test } from 'node:test'
import { query, settled, until, visit } from '../harness.mjs'

export function suite(world) {
  test('live shows events and rejections as they come, and pauses', async () => {
    const page = await world.browser.page()
    await visit(page, '/data/live')
    await page.getByText('Listening').waitFor()
    const call = { type: 'track', event: 'Message Sent', userId: 'live-tester', properties: { conversationId: 'live-1', messageId: 'm', message_body: 'seen live' } }
    await world.server.send([call, { type: 'track', userId: 'live-tester' }])
    await page.getByText('seen live').waitFor()
    await page.locator('.live .rejected').first().waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await world.server.send([{ ...call, properties: { ...call.properties, message_body: 'held back' } }])
    await page.getByText(/Paused · 1 waiting/).waitFor()
    assert.equal(await page.getByText('held back').count(), 0)
    await page.keyboard.press('p')
    await page.getByText('held back').waitFor()
    assert.deepEqual(page.faults, [])
  })

  test('live is narrowed by mark and event, and opens journeys', async () => {
    const page = await world.browser.page()
    await visit(page, '/data/live?only=violation')
    await page.getByText('Listening').waitFor()
    const properties = { conversationId: 'live-2', messageId: 'm', message_body: 'as it should be', role: 'customer' }
    await world.server.send([
      { type: 'track', event: 'Message Sent', messageId: `live-marks-fine-${Date.now()}`, userId: 'live-tester', properties },
      { type: 'track', event: 'Message Sent', messageId: `live-marks-bad-${Date.now()}`, userId: 'live-tester', properties: { conversationId: 'live-2', messageId: 'm2' } },
      { type: 'track', userId: 'live-tester' },
    ])
    await page.locator('.live .mark.bad').getByText('missing_message_body').waitFor()
    assert.equal(await page.locator('.live > li').count(), 1)
    await page.getByRole('button', { name: 'Valid', exact: true }).click()
    await page.getByText('as it should be').waitFor()
    assert.equal(query(page).get('only'), 'ok')
    await page.getByRole('button', { name: 'Refused', exact: true }).click()
    await page.locator('.live .rejected').getByText('refused: missing_event_name').waitFor()
    await page.getByRole('button', { name: 'All', exact: true }).click()
    await page.getByLabel('Event', { exact: true }).selectOption('Message Sent')
    await page.locator('.live > li').nth(1).waitFor()
    await page.locator('.live').getByRole('button', { name: /^Details of/ }).first().click()
    await page.getByRole('region', { name: 'The call as received' }).waitFor()
    await page.locator('.live a.name').first().click()
    await page.getByText('The call is an event').waitFor()
    assert.match(query(page).get('id'), /^live-marks-/)
    assert.deepEqual(page.faults, [])
  })

  test('a source is added, disabled and enabled, and gets a second key', async () => {
    const page = await world.browser.page()
    await visit(page, '/data/sources')
    await page.getByRole('button', { name: 'Add a source' }).click()
    const name = `Test ${Date.now()}`
    await page.getByLabel('Name').fill(name)
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('heading', { name }).waitFor()
    const key = await page.locator('.key code').innerText()
    assert.ok(key.length > 8)
    await page.getByRole('button', { name: 'Disable' }).click()
    await page.getByRole('heading', { name: `${name} disabled` }).waitFor()
    const { sources } = await world.server.api('sources')
    const made = sources.findIndex((s) => s.name === name)
    assert.equal(sources[made].enabled, false)
    assert.equal((await world.server.send([{ type: 'track', event: 'x', userId: 'u' }], made)).status >= 400, true)
    await page.getByRole('button', { name: 'Enable' }).click()
    await page.getByRole('button', { name: 'Disable' }).waitFor()
    await page.getByRole('button', { name: 'Make a new key' }).click()
    await page.locator('.key').nth(1).waitFor()
  })

  test('the scale of ratings is a setting of the source', async () => {
    const page = await world.browser.page()
    await visit(page, '/data/sources')
    await page.getByRole('link', { name: 'Web app' }).click()
    await settled(page)
    const scale = page.getByLabel(/Scale of ratings/)
    const before = await scale.inputValue()
    const choose = async (value) => {
      await scale.selectOption(value)
      await until('it is stored', async () => (await world.server.api('sources')).sources.some((s) => s.name === 'Web app' && s.rating_scale === value))
    }
    await choose('0-10')
    await page.reload()
    await settled(page)
    assert.equal(await scale.inputValue(), '0-10')
    await choose(before)
  })

  test('quality names each code with its meaning, the fix and examples', async () => {
    const page = await world.browser.page()
    await visit(page, '/data/sources?range=all')
    await page.getByRole('link', { name: 'Web app' }).click()
    await settled(page)
    const code = page.locator('.codes > li').filter({ has: page.getByRole('button', { name: 'Examples' }) }).first()
    assert.match(await code.innerText(), /Fix:/)
    await code.getByRole('button', { name: 'Examples' }).click()
    await code.locator('.events li').first().waitFor()
  })

  test('a conversion is defined by the names of events, and removed', async () => {
    const page = await world.browser.page()
    await visit(page, '/data/conversions?range=all')
    const name = `test ${Date.now()}`
    await page.getByLabel('Name').fill(name)
    await page.getByRole('checkbox', { name: /Feedback Submitted/ }).check()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    const row = page.locator('tr').filter({ hasText: name })
    await row.waitFor()
    await row.getByText(/\d %/).waitFor()
    await row.getByRole('button', { name: 'Remove' }).click()
    await row.waitFor({ state: 'detached' })
  })
}
