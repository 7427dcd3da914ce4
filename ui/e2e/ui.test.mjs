import { after, afterEach, before, describe } from 'node:test'
import { Browser, Server } from './harness.mjs'
import * as access from './suites/access.mjs'
import * as ask from './suites/ask.mjs'
import * as comparisons from './suites/comparisons.mjs'
import * as conversation from './suites/conversation.mjs'
import * as conversations from './suites/conversations.mjs'
import * as data from './suites/data.mjs'
import * as flows from './suites/flows.mjs'
import * as firstRun from './suites/first-run.mjs'
import * as overview from './suites/overview.mjs'
import * as planned from './suites/planned.mjs'
import * as reading from './suites/reading.mjs'
import * as topics from './suites/topics.mjs'
import * as shell from './suites/shell.mjs'
import * as signals from './suites/signals.mjs'

const world = {}

describe('with the demo month', () => {
  before(async () => {
    world.server = await Server.withDemo()
    world.browser = await Browser.open(world.server)
  }, { timeout: 300_000 })
  afterEach((t) => world.browser.tidy(t))
  after(async () => {
    await world.browser?.close()
    await world.server?.stop()
  })
  describe('overview', () => overview.suite(world))
  describe('shell', () => shell.suite(world))
  describe('conversations', () => conversations.suite(world))
  describe('conversation', () => conversation.suite(world))
  describe('reading', () => reading.suite(world))
  describe('topics', () => topics.suite(world))
  describe('flows', () => flows.suite(world))
  describe('signals', () => signals.suite(world))
  describe('comparisons', () => comparisons.suite(world))
  describe('data', () => data.suite(world))
  describe('ask', () => ask.suite(world))
  describe('access', () => access.suite(world))
})

describe('first run', () => firstRun.suite(), { skip: Boolean(process.env.BASE_URL) })

describe('traces and plans', () => planned.suite(), { skip: Boolean(process.env.BASE_URL) })
