import assert from 'node:assert/strict'
import { test } from 'node:test'
import { query, settled, visit } from '../harness.mjs'

export function suite(world) {
  test('keys choose the range, move it, and compare; the back button undoes', async () => {
    const page = await world.browser.page()
    await visit(page, '/')
    await page.keyboard.press('w')
    assert.equal(query(page).get('range'), '7d')
    await page.keyboard.press('x')
    assert.equal(query(page).get('compare'), '1')
    await settled(page)
    await page.getByText('Period before').or(page.locator('.legend .previous')).first().waitFor()
    await page.keyboard.press('ArrowLeft')
    const [from, until] = [query(page).get('from'), query(page).get('until')]
    assert.equal(Date.parse(until) - Date.parse(from), 7 * 86_400_000)
    assert.equal(query(page).get('compare'), '1')
    await page.goBack()
    assert.equal(query(page).get('range'), '7d')
    await page.goBack()
    assert.equal(query(page).get('compare'), null)
    await page.goBack()
    assert.equal(page.url(), `${world.server.base}/`)
  })

  test('keys are letters while typing', async () => {
    const page = await world.browser.page()
    await visit(page, '/conversations')
    await page.keyboard.press('/')
    await page.keyboard.type('wxq')
    assert.equal(query(page).get('range'), null)
    assert.equal(await page.locator('#search').inputValue(), 'wxq')
  })

  test('a link shows a colleague the same page', async () => {
    const page = await world.browser.page()
    await visit(page, '/conversations?range=90d')
    await page.locator('.facets .bars a').filter({ hasText: 'get stock price' }).click()
    await settled(page)
    await page.getByRole('button', { name: 'Messages' }).click()
    await settled(page)
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press(' ')
    await settled(page)
    const seen = await page.locator('main').innerText()

    const other = await world.browser.page()
    await visit(other, page.url())
    assert.equal(await other.locator('main').innerText(), seen)
    assert.equal(await other.locator('tr[aria-selected="true"]').count(), 1)
    assert.equal(await other.locator('.chip').count(), 1)
  })

  test('the palette goes anywhere by typing', async () => {
    const page = await world.browser.page()
    await visit(page, '/?range=90d')
    const what = page.getByRole('combobox', { name: 'What to do' })
    await page.keyboard.press('Control+k')
    await what.pressSequentially('source')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/data\/sources\?range=90d$/)
    await page.keyboard.press('Control+k')
    await what.pressSequentially('chart')
    await page.getByRole('option', { name: /Search messages for “chart”/ }).click()
    await page.waitForURL(/\/conversations\?.*q=chart/)
    assert.equal(await page.locator('dialog').count(), 0)
  })

  test('filters are removed by their chips, and the source filter is one of them', async () => {
    const page = await world.browser.page()
    await visit(page, '/?range=all')
    await page.getByLabel('Source', { exact: true }).selectOption({ label: 'Help centre' })
    await settled(page)
    assert.match(query(page).get('filter'), /^source:eq:/)
    assert.match(await page.locator('.chip').innerText(), /Source\s*is\s*Help centre/)
    await page.getByRole('button', { name: /Remove filter: Source/ }).click()
    assert.equal(query(page).get('filter'), null)
  })

  test('colours follow the choice, and stay', async () => {
    const page = await world.browser.page({ scheme: 'light' })
    await visit(page, '/')
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await paper()
    await page.getByRole('group', { name: 'Colours' }).getByRole('button', { name: 'Dark' }).click()
    const dark = await paper()
    assert.notEqual(dark, light)
    await page.reload()
    await settled(page)
    assert.equal(await paper(), dark)
  })

  test('on a narrow screen the pages are in a drawer', async () => {
    const page = await world.browser.page({ width: 360, height: 740 })
    await visit(page, '/')
    const link = page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Data', exact: true })
    assert.equal(await link.isVisible(), false)
    await page.getByRole('button', { name: 'Pages', exact: true }).click()
    await link.click()
    await page.waitForURL(/\/data\/sources/)
    await link.waitFor({ state: 'hidden' })
  })

  test('an unknown address says so', async () => {
    const page = await world.browser.page()
    await visit(page, '/nowhere')
    await page.getByText('There is no such page').waitFor()
  })
}
