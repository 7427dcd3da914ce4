import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberIn, query, settled, visit } from '../harness.mjs'
import { look } from './access.mjs'

export function suite(world) {
  test('a step of the funnel opens just the conversations that it counts, and those that dropped before it', async () => {
    const page = await world.browser.page()
    await visit(page, '/funnels?range=all')
    const bars = page.locator('a.funnel-bar')
    const counts = await bars.evaluateAll((all) => all.map((a) => Number(a.dataset.n)))
    assert.equal(counts.length, 3)
    assert.ok(counts[0] > counts[2] && counts[2] > 0, String(counts))
    const dropped = page.locator('.funnel .between').last().locator('a')
    assert.equal(numberIn(await dropped.innerText()), counts[1] - counts[2])
    const href = await dropped.getAttribute('href')
    await bars.nth(2).click()
    await settled(page)
    assert.equal(numberIn(await page.locator('h1').innerText()), counts[2])
    assert.match(await page.locator('.chip').innerText(), /Funnel\s*reached\s*3\./)
    await visit(page, href)
    assert.equal(numberIn(await page.locator('h1').innerText()), counts[1] - counts[2])
    await page.getByRole('button', { name: /^Remove filter: Funnel/ }).click()
    await settled(page)
    assert.equal(query(page).get('funnel'), null)
    assert.deepEqual(page.faults, [])
  })

  test('the funnel is changed by keyboard, is in the address, and Back undoes it', async () => {
    const page = await world.browser.page()
    await visit(page, '/funnels?range=all')
    await page.getByRole('button', { name: 'Add a step' }).focus()
    await page.keyboard.press('Enter')
    await settled(page)
    assert.equal(await page.locator('a.funnel-bar').count(), 4)
    await page.keyboard.type('Came back') // the new step's name has the focus
    await page.keyboard.press('Tab')
    await settled(page)
    assert.match(query(page).get('steps'), /name4=Came\+back/)
    await page.getByLabel('What step 4, condition 1 looks at').selectOption('fact')
    await page.getByLabel('Field of step 4, condition 1').fill('user_messages')
    await page.getByLabel('How step 4, condition 1 compares').selectOption('gte')
    await page.getByLabel('Value of step 4, condition 1').fill('3')
    await page.keyboard.press('Tab')
    await settled(page)
    assert.match(query(page).get('steps'), /step4=conversation.user_messages%3Agte%3A3/)
    const { steps } = await world.server.api(`funnel?${query(page).get('steps')}`)
    await page.waitForFunction((n) => Number(document.querySelectorAll('a.funnel-bar')[3]?.dataset.n) === n, steps[3].n)
    const shared = page.url()
    await page.getByRole('button', { name: 'Remove step 2' }).click()
    await page.waitForFunction(() => document.querySelectorAll('a.funnel-bar').length === 3)
    await page.goBack()
    await page.waitForFunction(() => document.querySelectorAll('a.funnel-bar').length === 4)
    assert.equal(page.url(), shared)
    assert.deepEqual(page.faults, [])
  })

  test('a bar of messages to conversion opens its conversations', async () => {
    const page = await world.browser.page()
    await visit(page, '/funnels?range=all')
    const bar = page.getByRole('region', { name: 'Messages to conversion', exact: true }).locator('.histogram a').nth(1)
    const label = await bar.getAttribute('aria-label')
    await bar.click()
    await settled(page)
    assert.equal(numberIn(await page.locator('h1').innerText()), numberIn(label.split(': ')[1]))
  })

  test('the tables of funnel and paths hold what the API says', async () => {
    const page = await world.browser.page()
    await visit(page, '/funnels?range=all&depth=2')
    await page.getByRole('button', { name: 'Funnel as table' }).click()
    const bars = await page.getByRole('region', { name: 'Funnel', exact: true }).locator('tbody tr').allInnerTexts()
    assert.equal(bars.length, 3)
    await page.getByRole('button', { name: 'Paths as table' }).click()
    const rows = await page.getByRole('region', { name: 'Paths', exact: true }).locator('tbody tr').allInnerTexts()
    const { links } = await world.server.api('paths?depth=2&limit=8')
    assert.equal(rows.length, links.length)
    assert.equal(rows.reduce((n, r) => n + numberIn(r.split('\t').at(-1)), 0), links.reduce((n, l) => n + l.n, 0))
  })

  test('the triangle shows what the API says, and marks what is not over', async () => {
    const page = await world.browser.page()
    await visit(page, '/retention?range=all')
    const { cohorts } = await world.server.api('retention?breakdown=outcome')
    const rows = page.locator('table.triangle tbody tr')
    assert.equal(await rows.count(), cohorts.length)
    assert.equal(numberIn(await rows.first().locator('td').first().innerText()), cohorts[0].size)
    const running = cohorts.reduce((n, c) => n + c.returned.length - c.complete, 0)
    assert.equal(await page.locator('td.running').count(), running)
    await page.getByRole('button', { name: 'day', exact: true }).click()
    await settled(page)
    assert.equal(query(page).get('period'), 'day')
    assert.deepEqual(page.faults, [])
  })

  test('funnels and retention pass axe, fit the screen and break no policy', { timeout: 300_000 }, async (t) => {
    await look(t, world, { funnels: '/funnels?range=all&by=channel', retention: '/retention?range=all' })
  })
}
