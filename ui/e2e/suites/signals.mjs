import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberIn, settled, until, visit } from '../harness.mjs'
import { look } from './access.mjs'

/** Signals: how often, where, by which rule, and what another rule would find. */
export function suite(world) {
  const analysed = () => until('everything is analysed', async () => {
    const { waiting, running } = await world.server.api('analysis')
    return waiting === 0 && !running
  }, 120)

  test('rates equal the conversations that they open, and the table holds the same', async () => {
    await analysed()
    const page = await world.browser.page()
    await visit(page, '/signals?range=all')
    const rates = await world.server.api('signals/rates')
    const first = rates.signals[0]
    await page.locator('.rates li').first().waitFor()
    const shown = await page.locator('.rates li').first().locator('.all').innerText()
    assert.equal(numberIn(shown), first.n)
    await page.getByRole('button', { name: 'Conversations with a signal as table' }).click()
    const cells = await page.locator('.table tbody tr').first().locator('td').allInnerTexts()
    assert.deepEqual(cells.slice(1, 3).map(numberIn), [first.n, rates.of])
    await page.locator('.table tbody tr a').first().click()
    await page.waitForURL(/\/conversations/)
    await settled(page)
    assert.equal(numberIn(await page.locator('h1').innerText()), first.n)
    await page.goBack()
    await page.getByRole('heading', { name: 'Signals' }).waitFor()
    assert.deepEqual(page.faults, [])
  })

  test('a signal is broken down by any field, and the link says so', async () => {
    const page = await world.browser.page()
    await visit(page, '/signals?range=all&signal=rephrase')
    await page.getByLabel('Break down by').selectOption('properties.prompt_version')
    await page.waitForURL(/by=properties\.prompt_version/)
    const { groups } = await world.server.api('signals/rephrase/rate?breakdown=properties.prompt_version')
    const bars = page.locator('[aria-label="By prompt_version"] .bars li')
    await bars.first().waitFor()
    await until('the bars are those of the answer', async () => (await bars.count()) === groups.length)
    const v7 = groups.find((g) => g.keys[0] === 'v7')
    await bars.filter({ hasText: 'v7' }).locator('a').click()
    await page.waitForURL(/\/conversations/)
    await settled(page)
    assert.equal(numberIn(await page.locator('h1').innerText()), v7.n)
  })

  test('thresholds show what they would find before they are saved', { timeout: 180_000 }, async () => {
    const page = await world.browser.page()
    await visit(page, '/signals?range=all&signal=rephrase')
    const seconds = page.getByRole('spinbutton', { name: 'Longest time between' })
    await page.locator('.difference').waitFor()
    await seconds.fill('10')
    await seconds.blur()
    await page.getByRole('heading', { name: 'Lost' }).waitFor({ timeout: 60_000 })
    const preview = await world.server.api('signals/rephrase/preview?threshold.seconds=10')
    assert.ok(preview.then < preview.now, `${preview.then} of ${preview.now}`)
    assert.equal(numberIn(await page.locator('.difference b').nth(1).innerText()), preview.then)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Changed from the default.').waitFor()
    await analysed()
    const before = await world.server.api('signals/rephrase/rate')
    await page.getByRole('button', { name: 'Back to the defaults' }).click()
    await page.getByText('Changed from the default.').waitFor({ state: 'detached' })
    await until('history is analysed by the defaults', async () => (await world.server.api('signals/rephrase/rate')).n > before.n, 120)
    await analysed()
    assert.deepEqual(page.faults, [])
  })

  test('a conversation shows signals where they are, and the rule of its outcome', async () => {
    const page = await world.browser.page()
    const { examples: [example] } = await world.server.api('signals/rephrase/examples?limit=1')
    await visit(page, `/conversations/${encodeURIComponent(example.conversation_id)}`)
    const sign = page.locator(`[id="event-${example.signals[0].event_id}"] .signs`)
    await sign.getByText(example.signals[0].reason).waitFor()
    const { analysis, rule } = await world.server.api(`conversations/${encodeURIComponent(example.conversation_id)}/analysis`)
    await page.locator('.concluded').getByText(analysis.outcome_reason, { exact: true }).first().waitFor()
    await page.getByText('The rule that decided').click()
    await page.getByText(rule.text).waitFor()
    assert.deepEqual(page.faults, [])
  })

  test('the pages of signals pass axe and fit the screen', { timeout: 600_000 }, async (t) => {
    await look(t, world, {
      signals: '/signals?range=all&signal=rephrase&by=properties.prompt_version',
      'signals-catalogue': '/signals?tab=catalogue',
      'signals-learning': '/signals?tab=learning',
    }, { signals: async (page) => { await page.locator('.difference').waitFor() } })
  })
}
