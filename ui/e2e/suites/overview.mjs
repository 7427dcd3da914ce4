import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberIn, query, settled, visit } from '../harness.mjs'

export function suite(world) {
  test('figures are those of the API, and open the conversations behind them', async () => {
    const page = await world.browser.page()
    await visit(page, '/?range=all')
    const { total } = await world.server.api('metrics/conversations')
    const tile = page.locator('.tile').filter({ hasText: /^Conversations/ })
    assert.equal(numberIn(await tile.locator('.tile-value').innerText()), total.value)

    const rated = await world.server.api('conversations?filter=satisfaction:exists&limit=1')
    await page.locator('.tile').filter({ hasText: /^Satisfaction/ }).locator('a.cover').click()
    await settled(page)
    assert.equal(new URL(page.url()).pathname, '/conversations')
    assert.equal(numberIn(await page.locator('h1').innerText()), rated.total)
    assert.deepEqual(page.faults, [])
  })

  test('a bar opens the conversations that have such an event', async () => {
    const page = await world.browser.page()
    await visit(page, '/?range=all')
    const bar = page.getByRole('region', { name: 'Actions', exact: true }).locator('.bars a').first()
    const name = await bar.locator('.clip').innerText()
    await bar.click()
    await settled(page)
    assert.deepEqual(query(page).getAll('filter'), [`tool_name:eq:${name}`])
    const { total } = await world.server.api(`conversations?limit=1&filter=${encodeURIComponent(`tool_name:eq:${name}`)}`)
    assert.equal(numberIn(await page.locator('h1').innerText()), total)
  })

  test('the arrows move over the heat map, Enter opens a cell', async () => {
    const page = await world.browser.page()
    await visit(page, '/?range=all')
    await page.locator('.heat a.cell[tabindex="0"]').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    const label = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    assert.match(label, /^Tuesday 10:00: /)
    await page.keyboard.press('Enter')
    await settled(page)
    assert.deepEqual(query(page).getAll('filter'), ['weekday:eq:2', 'hour_of_day:eq:10'])
    const heading = await page.locator('h1').innerText()
    assert.equal(numberIn(heading) || 0, numberIn(label.split(': ')[1]))
  })

  test('metric, period and table are part of the page; a bucket opens its conversations', async () => {
    const page = await world.browser.page()
    await visit(page, '/')
    await page.getByLabel('Metric', { exact: true }).selectOption('satisfaction')
    await page.getByRole('group', { name: 'Period' }).getByRole('button', { name: 'week' }).click()
    await settled(page)
    assert.equal(query(page).get('metric'), 'satisfaction')
    assert.equal(query(page).get('period'), 'week')
    await page.getByRole('button', { name: 'Satisfaction as table' }).click()
    const rows = page.getByRole('region', { name: 'Satisfaction', exact: true }).locator('tbody tr')
    assert.ok((await rows.count()) >= 4)
    assert.match(await rows.nth(1).innerText(), /Week of .*%/s)
    await rows.nth(1).locator('a').click()
    await settled(page)
    assert.match(page.url(), /from=\d{4}-\d\d-\d\d&until=/)
    assert.ok(numberIn(await page.locator('h1').innerText()) > 0)
  })

  test('the chart answers to the keyboard', async () => {
    const page = await world.browser.page()
    await visit(page, '/')
    const chart = page.getByRole('slider', { name: /Conversations by day/ })
    await chart.focus()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    assert.match(await chart.getAttribute('aria-valuetext'), /^[A-Z][a-z]{2} \d+ [A-Z][a-z]+: \d/)
    await page.keyboard.press('Enter')
    await settled(page)
    assert.equal(new URL(page.url()).pathname, '/conversations')
  })

  test('a range without conversations says where they are', async () => {
    const page = await world.browser.page()
    await visit(page, '/?from=2001-01-01&until=2001-01-08')
    await page.getByRole('link', { name: 'Show the 30 days up to then' }).click()
    await settled(page)
    assert.ok(numberIn(await page.locator('.tile-value').first().innerText()) > 0)
  })
}
