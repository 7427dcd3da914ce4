import { after, afterEach, before, describe, test } from 'node:test'
import { Browser, Server } from '../harness.mjs'
import { sendDeviations, sendTraces } from '../seed.mjs'
import { look } from './access.mjs'
import * as plans from './plans.mjs'
import * as traces from './traces.mjs'

/** A server of its own, with traces and with calls that deviate from a plan. */
export function suite() {
  const world = { traced: 'traced-1' }
  before(async () => {
    world.server = await Server.start()
    world.browser = await Browser.open(world.server)
    await sendTraces(world.server, world.traced)
    await sendDeviations(world.server)
  }, { timeout: 120_000 })
  afterEach((t) => world.browser?.tidy(t))
  after(async () => {
    await world.browser?.close()
    await world.server?.stop()
  })

  test('the pages of data pass axe, fit the screen and break no policy', { timeout: 600_000 }, async (t) => {
    const { sources } = await world.server.api('sources')
    const { entries } = await world.server.api('quarantine')
    await look(t, world, {
      traced: `/conversations/${world.traced}`,
      plans: '/data/plans',
      plan: '/data/plans/shop',
      'plan-edit': '/data/plans/shop?tab=text',
      'plan-versions': '/data/plans/shop?tab=versions',
      violations: '/data/violations',
      privacy: '/data/privacy',
      quarantine: `/data/quarantine?call=${entries[0].id}`,
      refused: '/data/quarantine?status=rejected',
      'quarantine-empty': '/data/quarantine?status=replayed',
      'journey-held': '/data/journey?id=ui-plans-call-no-total',
      'journey-stored': '/data/journey?id=ui-plans-call-unplanned',
      'journey-unknown': '/data/journey?id=never-sent',
      'journey-empty': '/data/journey',
      'source-plan': `/data/sources/${sources[0].id}`,
    }, {
      traced: async (page) => {
        await page.locator('.spans summary').first().click()
        await page.getByText('Arguments and result').click()
      },
      violations: async (page) => {
        await page.getByRole('button', { name: 'Examples' }).first().click()
      },
      'plan-edit': async (page) => {
        await page.getByText('No problems.').waitFor()
        await page.getByLabel('Plan as YAML or JSON').press('ControlOrMeta+End')
        await page.keyboard.type('  oops: 1\n')
        await page.locator('.gutter .error').first().waitFor()
        await page.getByRole('button', { name: 'Test the draft' }).waitFor()
      },
    })
  })
  describe('traces', () => traces.suite(world))
  describe('plans', () => plans.suite(world))
}
