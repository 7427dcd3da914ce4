import assert from 'node:assert/strict'
import { test } from 'node:test'
import { query, settled, until, visit } from '../harness.mjs'
import { look } from './access.mjs'

const byOutcome = `SELECT channel, count(*) AS n, max(messages) AS longest
FROM conversations GROUP BY channel ORDER BY n DESC`

/** SQL over one's own events. */
export function suite(world) {
  const sql = (page) => page.getByRole('textbox', { name: /^SQL/ })

  test('Ctrl+Enter runs a statement, and the address says all', async () => {
    const page = await world.browser.page()
    await visit(page, '/ask')
    await sql(page).fill(byOutcome)
    await sql(page).press('Control+Enter')
    await page.getByRole('region', { name: 'Rows of the answer' }).waitFor()
    await settled(page)
    assert.equal(query(page).get('sql'), byOutcome)
    const { total } = await world.server.api('conversations?limit=1')
    const counts = await page.locator('.answer-rows tbody td:nth-child(2)').allInnerTexts()
    assert.equal(counts.map((t) => Number(t.replaceAll(',', ''))).reduce((a, b) => a + b, 0), total)

    // As bars, with the same table behind, and again from the link.
    await page.getByRole('button', { name: 'Bars', exact: true }).click()
    const bars = await page.locator('.bars li').allInnerTexts()
    assert.equal(bars.length, counts.length)
    await page.getByRole('button', { name: 'Answer as table' }).click()
    assert.deepEqual(await page.locator('.figure tbody td:nth-child(2)').allInnerTexts(), counts)
    const other = await world.browser.page()
    await visit(other, page.url())
    await other.locator('.bars li').first().waitFor()
    assert.deepEqual(await other.locator('.bars li').allInnerTexts(), bars)
    assert.equal(await sql(other).inputValue(), byOutcome)

    // Back shows the statement before.
    await sql(page).fill('SELECT 41 + 1 AS answer')
    await page.getByRole('button', { name: /^Run/ }).click()
    await page.waitForFunction(() => new URL(location.href).searchParams.get('sql')?.includes('41'))
    await page.goBack()
    await settled(page)
    assert.equal(await sql(page).inputValue(), byOutcome)
    assert.deepEqual([...page.faults, ...other.faults], [])
  })

  test('what is wrong is said where', async () => {
    const page = await world.browser.page()
    await visit(page, '/ask')
    for (const [statement, message] of [
      ['SELECT *\nFRM events', /line 2, column 5: syntax error/],
      ["SELECT * FROM read_csv('/etc/passwd')", /function "read_csv" cannot be used here/],
      ['DROP TABLE events', /only SELECT/],
      ['SELECT * FROM store', /there is no table "store"/],
    ]) {
      await sql(page).fill(statement)
      await sql(page).press('Control+Enter')
      await page.getByRole('alert').filter({ hasText: message }).waitFor()
    }
    page.faults.splice(0) // the browser notes answers of 400
  })

  test('a statement is saved, changed and removed', async () => {
    const page = await world.browser.page()
    await visit(page, '/ask')
    await sql(page).fill("SELECT date_trunc('day', happened_at) AS day, count(*) AS n, count(DISTINCT user_id) AS people FROM conversations GROUP BY day ORDER BY day")
    await sql(page).press('Control+Enter')
    await page.getByRole('region', { name: 'Rows of the answer' }).waitFor()
    await page.getByRole('button', { name: 'Line', exact: true }).click()
    await page.locator('.lines svg path').first().waitFor()
    await page.getByRole('button', { name: 'Save as …' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Conversations a day')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('button', { name: 'Save “Conversations a day”' }).waitFor()
    const [saved] = (await world.server.api('queries')).queries
    assert.deepEqual([saved.name, saved.chart], ['Conversations a day', 'line'])

    // Another page finds it, drawn as it was saved.
    const other = await world.browser.page()
    await visit(other, '/ask')
    await other.getByRole('button', { name: 'Conversations a day', exact: true }).click()
    await other.locator('.lines svg path').first().waitFor()
    await other.getByRole('button', { name: 'Table', exact: true }).click()
    await other.getByRole('button', { name: 'Save “Conversations a day”' }).click()
    await until('it is saved as a table', async () => (await world.server.api('queries')).queries[0].chart === 'table')
    await other.getByRole('button', { name: 'Remove', exact: true }).click()
    await other.getByText('None yet.').waitFor()
    assert.deepEqual((await world.server.api('queries')).queries, [])
    assert.deepEqual([...page.faults, ...other.faults], [])
  })

  test('the tables beside name their columns', async () => {
    const page = await world.browser.page()
    await visit(page, '/ask')
    await sql(page).fill('SELECT ')
    await page.locator('summary', { hasText: 'messages' }).click()
    await page.locator('details', { hasText: 'chat messages' }).getByRole('button', { name: 'body', exact: true }).click()
    assert.equal(await sql(page).inputValue(), 'SELECT body')
  })

  test('the page passes axe, fits the screen and breaks no policy', { timeout: 600_000 }, async (t) => {
    const href = (statement, chart) => `/ask?${new URLSearchParams({ sql: statement, ...(chart && { chart }) })}`
    await look(t, world, {
      ask: href('SELECT conversation_id, user_id, happened_at, messages, duration_ms, preview FROM conversations ORDER BY messages DESC LIMIT 20'),
      'ask-lines': href("SELECT date_trunc('day', happened_at) AS day, count(*) AS conversations, sum(messages) AS messages FROM conversations GROUP BY 1 ORDER BY 1", 'line'),
      'ask-bars': href('SELECT tool_name, count(*) AS calls FROM events WHERE tool_name IS NOT NULL GROUP BY 1 ORDER BY 2 DESC', 'bar'),
    })
  })
}
