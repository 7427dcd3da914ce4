import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { numberIn, query, settled, until, visit } from '../harness.mjs'
import { look } from './access.mjs'

export function suite(world) {
  before(async () => {
    await until('topics are found and all conversations have theirs', async () => {
      const s = await world.server.api('topics/status')
      return s.topics > 8 && s.waiting === 0 && !s.rewriting && s.finding === null
    }, 120)
  }, { timeout: 150_000 })

  test('a topic of the table opens just its conversations, and the figures are those of the API', async () => {
    const page = await world.browser.page()
    await visit(page, '/topics?range=all')
    const row = page.locator('table.topics tbody tr').first()
    const { groups } = await world.server.api('metrics/conversations?breakdown=topic&limit=500')
    const name = await row.locator('th a').innerText()
    const n = numberIn(await row.locator('td a').innerText())
    assert.ok(groups.some((g) => g.label === name && g.value === n), `${name}: ${n}`)
    await row.locator('td a').click()
    await settled(page)
    assert.equal(numberIn(await page.locator('h1').innerText()), n)
    assert.match(await page.locator('.chip').first().innerText(), new RegExp(`Topic\\s*is\\s*${name.slice(0, 8)}`))
    assert.deepEqual(page.faults, [])
  })

  test('sorting is in the address, and Back undoes it', async () => {
    const page = await world.browser.page()
    await visit(page, '/topics?range=all')
    await page.getByRole('button', { name: /^Abandoned/ }).click()
    await settled(page)
    assert.equal(query(page).get('sort'), 'abandoned')
    assert.equal(await page.locator('th[aria-sort]').innerText(), 'Abandoned ↓')
    await page.goBack()
    assert.equal(query(page).get('sort'), null)
    assert.deepEqual(page.faults, [])
  })

  test('a topic is opened, renamed and pinned by keyboard; the name is shown everywhere', async () => {
    const page = await world.browser.page()
    await visit(page, '/topics?range=all')
    await page.keyboard.press('j')
    await page.keyboard.press('o')
    await page.waitForURL(/\/topics\/t/)
    await settled(page)
    const id = new URL(page.url()).pathname.split('/').pop()
    assert.ok(await page.locator('.typical li').count() > 2)
    await page.keyboard.press('r')
    await page.getByRole('textbox', { name: 'Name' }).fill('Named by a person')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelector('h1')?.innerText === 'Named by a person')
    await page.keyboard.press('p')
    await page.waitForSelector('button[aria-pressed="true"]:has-text("Pinned")')
    await visit(page, '/topics?range=all')
    assert.match(await page.locator('table.topics tbody tr').first().innerText(), /Named by a person/)
    const { conversations } = await world.server.api(`conversations?filter=topic:eq:${id}&limit=1`)
    assert.equal(conversations[0].topic_name, 'Named by a person')
    await world.server.fetch(`topics/${id}`, { method: 'PATCH', body: JSON.stringify({ name: '', pinned: false }) })
    assert.deepEqual(page.faults, [])
  })

  test('a merge moves the conversations, and is taken back', async () => {
    const { topics } = await world.server.api('topics')
    const [into, from] = topics
    const count = async (id) => (await world.server.api('topics')).topics.find((t) => t.id === id).conversations
    const page = await world.browser.page()
    await visit(page, `/topics/${from.id}?range=all`)
    await page.keyboard.press('m')
    await page.getByLabel(/^Merge “/).selectOption(into.id)
    await page.getByRole('dialog').getByRole('button', { name: 'Merge' }).click()
    await page.waitForSelector('text=Take merge back')
    await until('the conversations have moved', async () => (await count(into.id)) === into.conversations + from.conversations)
    await page.getByRole('button', { name: 'Take merge back' }).click()
    await until('they are back', async () => (await count(from.id)) === from.conversations)
    assert.deepEqual(page.faults, [])
  })

  test('pages pass axe, fit the screen and break no policy', { timeout: 300_000 }, async (t) => {
    const { topics } = await world.server.api('topics')
    await look(t, world, { topics: '/topics?range=all', topic: `/topics/${topics[0].id}?range=all` })
  })
}
