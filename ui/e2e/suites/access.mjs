import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findings, picture, visit } from '../harness.mjs'

// Colours go with the scheme and room with the width, so two of the four see both; SCREENS=all looks at all.
const screens = [['light', 1440], ['dark', 360], ...(process.env.SCREENS === 'all' ? [['dark', 1440], ['light', 360]] : [])]

/** Looks at pages in light and dark, narrow and wide: axe finds nothing, nothing is cut off, no policy is broken.
 *  ready does by name what a page needs before it is looked at. */
export async function look(t, world, pages, ready = {}) {
  for (const [scheme, width] of screens) {
    for (const [name, href] of Object.entries(pages)) {
      await t.test(`${name}, ${scheme}, ${width} px`, async () => {
        const page = await world.browser.page({ scheme, width })
        await visit(page, href)
        await ready[name]?.(page)
        await page.evaluate(() => scrollTo(0, 0)) // what the bar covers of a page that was scrolled is no fault
        await picture(page, `${name}-${scheme}-${width}`)
        assert.deepEqual(await findings(page), [])
        const wide = await page.evaluate(() => document.documentElement.scrollWidth)
        assert.ok(wide <= width, `${wide} px wide on a screen of ${width}`)
        assert.deepEqual(page.faults, [])
      })
    }
  }
}

/** Every page of the demo month. */
export function suite(world) {
  const pages = {
    overview: '/?compare=1',
    conversations: '/conversations?peek=1',
    people: '/people',
    sources: '/data/sources',
    live: '/data/live',
    conversions: '/data/conversions',
    start: '/start',
    empty: '/conversations?filter=user_id:eq:nobody',
  }
  test('every page passes axe, fits the screen and breaks no policy', { timeout: 600_000 }, async (t) => {
    const { conversations } = await world.server.api('conversations?filter=score:exists&filter=converted:eq:true&sort=messages&limit=1')
    const { sources } = await world.server.api('sources')
    const all = {
      ...pages,
      conversation: `/conversations/${encodeURIComponent(conversations[0].conversation_id)}`,
      person: `/people/${encodeURIComponent(conversations[0].person)}`,
      source: `/data/sources/${encodeURIComponent(sources[1]?.id ?? sources[0].id)}`,
    }
    await look(t, world, all, {
      conversations: async (page) => {
        await page.keyboard.press('j')
        await page.locator('.peek .transcript').waitFor()
      },
    })
  })

  test('dialogs pass axe', async () => {
    const page = await world.browser.page()
    await visit(page, '/')
    for (const key of ['Control+k', '?']) {
      await page.keyboard.press(key)
      await page.locator('dialog[open]').waitFor()
      assert.deepEqual(await findings(page), [], key)
      await picture(page, key === '?' ? 'keys' : 'palette')
      await page.keyboard.press('Escape')
      await page.locator('dialog').waitFor({ state: 'detached' })
    }
    await page.getByRole('button', { name: /^Range/ }).click()
    assert.deepEqual(await findings(page), [])
    await picture(page, 'range')
  })
}
