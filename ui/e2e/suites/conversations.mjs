import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberIn, query, settled, visit } from '../harness.mjs'

export function suite(world) {
  const total = async (page) => numberIn(await page.locator('h1').innerText())

  test('the count of a facet is the number of rows that it opens', async () => {
    const page = await world.browser.page()
    for (const text of ['get stock price', 'yes', 'Stock Table']) {
      await visit(page, '/conversations?range=all')
      const value = page.locator('.facets .bars a').filter({ hasText: text }).first()
      const count = numberIn(await value.locator('.num').innerText())
      await value.click()
      await settled(page)
      assert.equal(await total(page), count, text)
    }
  })

  test('J and K choose, space looks into, Enter opens, and J goes on there', async () => {
    const page = await world.browser.page()
    await visit(page, '/conversations')
    const links = await page.locator('tbody .first a').evaluateAll((all) => all.map((a) => new URL(a.href).pathname))
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    assert.equal(query(page).get('at'), decodeURIComponent(links[0].split('/')[2]))
    await page.keyboard.press(' ')
    await page.locator('.peek .transcript').waitFor()
    await page.keyboard.press('j')
    await settled(page)
    assert.equal(await page.locator('.peek').getByRole('link', { name: 'Open' }).evaluate((a) => new URL(a.href).pathname), links[1])
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.pathname === links[1])
    const leadsTo = (link) => page.locator(`.page-head a[href^="${link}"]`).waitFor() // the keys go where these links go
    await leadsTo(links[2])
    await page.keyboard.press('j')
    await page.waitForURL((url) => url.pathname === links[2])
    await leadsTo(links[1])
    await page.keyboard.press('k')
    await page.waitForURL((url) => url.pathname === links[1])
    await leadsTo(links[0])
    await page.keyboard.press('Escape')
    await page.waitForURL((url) => url.pathname === '/conversations')
    assert.equal(await page.locator('tr[aria-selected="true"] a').evaluate((a) => new URL(a.href).pathname), links[1])
    assert.deepEqual(page.faults, [])
  })

  test('sorting by a column orders all pages', async () => {
    const page = await world.browser.page()
    await visit(page, '/conversations?range=all')
    await page.getByRole('columnheader', { name: 'Messages' }).getByRole('button').click()
    await settled(page)
    const column = async () => (await page.locator('td.col-messages').allInnerTexts()).map(Number)
    const first = await column()
    assert.deepEqual(first, [...first].sort((a, b) => b - a))
    await page.getByRole('link', { name: /^Next/ }).click()
    await settled(page)
    const second = await column()
    assert.ok(first.at(-1) >= second[0])
    assert.match(await page.getByRole('navigation', { name: 'Pages of the list' }).innerText(), /51–100 of/)
    await page.goBack()
    await settled(page)
    assert.deepEqual(await column(), first)
  })

  test('text search finds messages, and what it opens has the text', async () => {
    const page = await world.browser.page()
    await visit(page, '/conversations?range=all')
    await page.keyboard.press('/')
    await page.keyboard.type('portfolio')
    await page.keyboard.press('Enter')
    await settled(page)
    const answer = await world.server.api('conversations?q=portfolio&limit=1')
    assert.equal(await total(page), answer.total)
    await page.locator('tbody .first a').first().click()
    await settled(page)
    assert.match((await page.locator('.transcript').innerText()).toLowerCase(), /portfolio/)
  })

  test('dragging over the volume zooms in', async () => {
    const page = await world.browser.page()
    await visit(page, '/conversations')
    const before = await total(page)
    const box = await page.locator('.volume').boundingBox()
    await page.mouse.move(box.x + box.width * 0.3, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 4 })
    await page.mouse.up()
    await settled(page)
    assert.match(page.url(), /from=\d{4}-\d\d-\d\d&until=\d{4}-\d\d-\d\d/)
    assert.ok((await total(page)) < before)
    const days = (Date.parse(query(page).get('until')) - Date.parse(query(page).get('from'))) / 86_400_000
    assert.ok(days >= 5 && days <= 8, `${days} days`)
  })

  test('columns are chosen, and stay chosen', async () => {
    const page = await world.browser.page()
    await visit(page, '/conversations')
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByLabel('First answer').check()
    await page.keyboard.press('Escape')
    await page.getByRole('columnheader', { name: 'First answer' }).waitFor()
    await page.reload()
    await page.getByRole('columnheader', { name: 'First answer' }).waitFor()
  })

  test('the export holds the rows of the page', async () => {
    const page = await world.browser.page()
    await visit(page, '/conversations?range=all&filter=converted:eq:true')
    await page.getByRole('button', { name: 'Export' }).click()
    const href = await page.getByRole('link', { name: /Conversations\s*JSONL/ }).getAttribute('href')
    const response = await page.context().request.get(href)
    const lines = (await response.text()).trim().split('\n')
    assert.equal(lines.length, await total(page))
  })
}
