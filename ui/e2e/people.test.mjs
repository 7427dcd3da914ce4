import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { Browser, numberIn, query, Server, settled, until, visit } from './harness.mjs'
import { look } from './suites/access.mjs'

// What a few people did, small enough to count by hand. A day ago, so that every range shows it.
const at = (minute) => new Date(Date.now() - 86_400_000 + minute * 60_000).toISOString()
let calls = 0
const call = (type, minute, fields) => ({ type, messageId: `ui-people-call-${String(++calls).padStart(4, '0')}`, timestamp: at(minute), ...fields })
const said = (minute, who, conversation, text, role = 'Message Sent') =>
  call('track', minute, { ...who, event: role, properties: { conversationId: conversation, messageId: `${conversation}-${calls}`, message_body: text } })

const ada = { userId: 'ada', anonymousId: 'phone' }
const home = { userId: 'ada-home', anonymousId: 'laptop' }
const bob = { userId: 'bob' }
const grace = { userId: 'x-7' }

const seed = () => [
  said(0, { anonymousId: 'phone' }, 'k1', 'What is AAPL worth?'),
  said(1, { anonymousId: 'phone' }, 'k1', 'About 200 dollars.', 'Message Received'),
  call('identify', 2, { ...ada, traits: { name: 'Ada', plan: 'free' } }),
  said(3, ada, 'k2', 'And TSLA?'),
  call('track', 4, { ...ada, event: 'Stock Bought', properties: { ticker: 'AAPL' } }),
  said(10, home, 'k3', 'Is my order there?'),
  call('identify', 11, { ...home, traits: { plan: 'pro', email: 'Home@Example.com' } }),
  said(20, bob, 'k4', 'Hello'),
  call('identify', 23, { ...grace, traits: { first_name: 'Grace', lastName: 'Adams' } }),
  call('group', 21, { ...bob, groupId: 'acme', traits: { name: 'Acme', plan: 'enterprise' } }),
  call('group', 22, { ...ada, groupId: 'acme' }),
  ...['w1', 'w2', 'w3', 'w4', 'w5'].map((anonymousId, i) => said(30 + i, { userId: 'user_id', anonymousId }, `h${i}`, 'Hard-coded')),
  said(40, { userId: 'null', anonymousId: 'w9' }, 'n1', 'Nobody'),
  call('identify', 41, { userId: 'null', context: { externalIds: [{ id: 'c-77', type: 'crm_id', collection: 'users', encoding: 'none' }] } }),
]

// A rule of all that rules are made of.
const draft = {
  key: 'regulars', name: 'Regulars', doc: 'Who comes back', enabled: true, emit: 'track',
  rule: { all: [
    { trait: { key: 'plan', op: 'equals', values: ['free', 'pro'] } },
    { did: { of: 'conversations', where: [], at_least: 1, window: '30d' } },
    { not: { any: [{ did: { of: 'events', where: ['source_event:eq:Refund Asked'], at_least: 2 } }] } },
  ] },
}

/** Moves by Tab alone to what has this name. */
async function tabTo(page, name) {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab')
    const here = await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '')
    if (here === name) return
  }
  assert.fail(`Tab does not come to ${name}`)
}

const world = {}

describe('people', () => {
  before(async () => {
    world.server = await Server.start()
    world.browser = await Browser.open(world.server)
    const sent = await world.server.send(seed())
    assert.equal(sent.status, 200)
    await until('all is stored, and people are known', async () => {
      const [{ flags }, { accounts }, people] = await Promise.all([world.server.api('identity/flags'), world.server.api('accounts'), world.server.api('people')])
      return flags.length === 2 && accounts[0]?.members === 2 && people.people.some((p) => p.id === 'ada' && p.conversations === 2)
    })
  }, { timeout: 120_000 })
  afterEach((t) => world.browser?.tidy(t))
  after(async () => {
    await world.browser?.close()
    await world.server?.stop()
  })

  test('a person shows which call linked which id', async () => {
    const page = await world.browser.page()
    await visit(page, '/people/phone')
    assert.equal(await page.locator('h1').innerText(), 'Ada')
    assert.equal(numberIn(await page.getByRole('heading', { name: 'Conversations' }).innerText()), 2)
    await page.keyboard.press('3')
    await settled(page)
    assert.equal(query(page).get('tab'), 'identity')
    const tree = page.locator('.id-tree')
    assert.match(await tree.innerText(), /user id ada\s*names the person[^]*anonymous id phone\s*linked .*one call carried both/)
    await tree.getByRole('link', { name: 'this call' }).last().click()
    await settled(page)
    assert.match(query(page).get('id'), /^ui-people-call-0003/)
    await page.goBack()
    await settled(page)
    await page.getByRole('button', { name: 'Whose ids these are as table' }).click()
    assert.match(await page.getByRole('region', { name: 'Whose ids these are, table' }).innerText(), /phone\s+anonymous id\s+ada/)
    await page.keyboard.press('2')
    await page.getByRole('button', { name: /Stock Bought/ }).waitFor()
    assert.deepEqual(page.faults, [])
  })

  test('a person is found by any id, and opened without user id and anonymous id', async () => {
    const page = await world.browser.page()
    await visit(page, '/people')
    const field = page.getByRole('searchbox', { name: 'Find a person by name or any id' })
    await field.fill('HOME@example.com')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/people\/ada-home/)
    await visit(page, '/people')
    await field.fill('C-77')
    await page.keyboard.press('Enter')
    await page.getByText('crm_id').first().waitFor()
    assert.equal(await page.locator('h1').innerText(), 'crm_id:c-77')
    await page.getByRole('button', { name: 'Merge with …' }).waitFor()
  })

  test('people are listed by name, and found by the beginning of one', async () => {
    const page = await world.browser.page()
    await visit(page, '/people')
    await page.getByRole('row', { name: /^Ada ada\b/ }).waitFor()
    await page.getByRole('row', { name: /^bob\b/ }).waitFor()
    await page.getByRole('searchbox').focus()
    await page.keyboard.type('adaM')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/people\/x-7/)
    await page.getByRole('heading', { name: 'Grace Adams' }).waitFor()
    await visit(page, '/people')
    await page.getByRole('searchbox').focus()
    await page.keyboard.type('ada')
    await page.keyboard.press('Enter')
    const found = page.getByRole('region', { name: 'Found' })
    await found.getByText('2 people for “ada”').waitFor()
    assert.match(await found.innerText(), /Ada\s+ada\s+by user id\s+Grace Adams\s+x-7/)
    await tabTo(page, 'Grace Adams')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/people\/x-7/)
    await visit(page, '/people')
    await page.getByRole('searchbox').fill('no%body')
    await page.keyboard.press('Enter')
    await found.getByText('Nobody has the id “no%body”').waitFor()
    assert.deepEqual(page.faults, [])
  })

  test('two people are merged by keyboard after a preview, figures follow, and it is undone', async () => {
    const page = await world.browser.page()
    const users = async () => (await world.server.api('people')).total
    const before = await users()
    await visit(page, '/people/ada')
    await page.getByRole('button', { name: 'Merge with …' }).waitFor()
    await page.keyboard.press('m')
    await page.getByRole('dialog').getByRole('textbox').fill('home@example.com')
    await page.keyboard.press('Enter')
    const preview = page.getByRole('region', { name: 'What would change' })
    await preview.getByRole('cell', { name: '3' }).waitFor()
    assert.match(await preview.innerText(), /Conversations\s+2\s+1\s+3/)
    assert.match(await page.getByRole('dialog').innerText(), /plan: free and pro[^]*Calls alone would not have merged them: the rules allow a person 1 user id/)
    assert.equal(await users(), before)
    assert.equal(query(page).get('with'), 'ada-home')
    await page.getByRole('button', { name: 'Merge', exact: true }).click()
    await page.getByText('Merged: one person now, ada.').waitFor()
    await settled(page)
    assert.match(await page.locator('.id-tree').innerText(), /ada-home[^]*decided that they are one person/)
    assert.equal(await users(), before - 1)
    await page.keyboard.press('1')
    await page.getByRole('heading', { name: 'Conversations 3' }).waitFor()
    await visit(page, '/people/ada-home?tab=identity')
    await page.getByRole('button', { name: 'Undo the merge' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Undone. Figures follow.').waitFor()
    await settled(page)
    assert.doesNotMatch(await page.locator('.id-tree').innerText(), /\bada\b(?!-)/)
    assert.equal(await users(), before)
    assert.equal((await world.server.api('people/ada')).conversations_total, 2)
    assert.deepEqual(page.faults, [])
  })

  test('an id is taken off a person after a preview, and put back', async () => {
    const page = await world.browser.page()
    await visit(page, '/people/ada?tab=identity')
    await page.getByRole('button', { name: 'Detach phone' }).click()
    const preview = page.getByRole('region', { name: 'What would change' })
    await preview.waitFor()
    assert.match(await preview.innerText(), /Now one\s+Then\s+Detached\s+ada\s+phone\s+ada\s+phone/)
    await page.getByRole('button', { name: 'Detach', exact: true }).click()
    await page.getByText('Detached. Figures follow.').waitFor()
    await settled(page)
    assert.doesNotMatch(await page.locator('.id-tree').innerText(), /phone/)
    assert.equal((await world.server.api('people/phone')).id, 'phone')
    await page.getByRole('button', { name: 'Undo the detaching' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Undone. Figures follow.').waitFor()
    assert.equal((await world.server.api('people/phone')).id, 'ada')
    assert.deepEqual(page.faults, [])
  })

  test('an id that looks hard-coded says what to do, and is blocked', async () => {
    const page = await world.browser.page()
    await visit(page, '/people')
    await page.getByRole('navigation', { name: 'About people' }).getByRole('link', { name: 'Flagged ids' }).click()
    await settled(page)
    await page.getByText('came with 5 anonymous ids that were new on one day; 3 are usual').waitFor()
    await page.getByRole('button', { name: 'Block user_id' }).click()
    await until('it is blocked', async () => (await world.server.api('identity/flags')).flags.every((f) => f.state === 'blocked'))
    await until('its rows are those of the devices', async () => (await world.server.api('people')).people.some((p) => p.id === 'w1'))
    assert.deepEqual(page.faults, [])
  })

  test('rules of ids are changed, and what is wrong is said in words', async () => {
    const page = await world.browser.page()
    await visit(page, '/flagged')
    await page.getByRole('navigation', { name: 'About people' }).getByRole('link', { name: 'Rules of ids' }).click()
    await settled(page)
    const blocked = page.getByLabel('Blocked, one pattern a line')
    const before = await blocked.inputValue()
    await blocked.fill(`${before}\nnobody-(`)
    await page.getByRole('button', { name: 'Save the rules' }).click()
    await page.getByRole('alert').filter({ hasText: /blocked pattern "nobody-\(".*missing closing/ }).waitFor()
    await blocked.fill(`${before}\nnobody-[0-9]+`)
    await page.getByLabel('Most of email').fill('7')
    await page.getByRole('button', { name: 'Save the rules' }).click()
    await page.getByText(/^Saved\. .*resolved anew by these rules/).waitFor()
    const rules = await world.server.api('identity/rules')
    assert.equal(rules.blocked.at(-1), 'nobody-[0-9]+')
    assert.deepEqual(rules.types[1], { type: 'email', limit: 7, window: 'ever' })
    assert.deepEqual(page.faults, ['Failed to load resource: the server responded with a status of 400 (Bad Request)']) // the pattern
  })

  test('an account lists its members, who open', async () => {
    const page = await world.browser.page()
    await visit(page, '/accounts')
    await page.getByRole('link', { name: 'acme' }).click()
    await settled(page)
    assert.equal(await page.locator('h1').innerText(), 'Acme')
    await page.getByRole('link', { name: 'bob' }).click()
    await settled(page)
    assert.equal(new URL(page.url()).pathname, '/people/bob')
    assert.deepEqual(page.faults, [])
  })

  test('a trait of a template is computed, and a value opens who has it', async () => {
    const page = await world.browser.page()
    await visit(page, '/traits')
    await page.getByRole('button', { name: 'Add Conversations', exact: true }).click()
    await page.locator('main').getByRole('link', { name: 'Conversations', exact: true }).click()
    await page.getByRole('link', { name: /^2 1\b/ }).waitFor()
    await page.getByText('live').waitFor()
    await page.getByRole('link', { name: /^2 1\b/ }).click()
    const preview = page.getByRole('region', { name: 'Preview' })
    await preview.getByRole('link', { name: 'ada', exact: true }).waitFor()
    assert.equal(await preview.getByRole('link').count(), 1)
    await page.goBack()
    await settled(page)
    await page.getByRole('button', { name: 'Rebuild' }).click()
    await page.getByText('live').waitFor()
    await page.getByRole('button', { name: 'Values as table' }).click()
    assert.match(await page.getByRole('region', { name: 'Values, table' }).innerText(), /2\s+1/)
    await visit(page, '/people/ada')
    await page.getByRole('row', { name: /^conversations 2\b/ }).waitFor()
    assert.deepEqual(page.faults, [])
  })

  test('an audience is written by keyboard; its members open; it is changed and deleted', async () => {
    const page = await world.browser.page()
    await visit(page, '/audiences')
    await page.getByRole('button', { name: 'New audience' }).waitFor()
    await page.keyboard.press('n')
    await page.getByLabel('Name').waitFor()
    await page.keyboard.type('Buyers')
    await tabTo(page, 'What, condition 1')
    await page.keyboard.type('ev')
    await tabTo(page, 'whose … for condition 1')
    await page.keyboard.press('Enter')
    await tabTo(page, 'Value of condition 1, condition 1')
    await page.keyboard.type('Stock Bought')
    await page.keyboard.press('Tab')
    await page.getByRole('region', { name: 'Preview' }).getByRole('link', { name: 'ada', exact: true }).waitFor()
    await until('the preview is that of buyers', async () => numberIn(await page.getByRole('region', { name: 'Preview' }).getByRole('status').innerText()) === 1)
    await until('the draft is in the address', async () => query(page).get('draft')?.includes('Stock Bought'))
    await tabTo(page, 'Save the audience')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/audiences\/buyers/)
    await page.getByRole('link', { name: 'Ada', exact: true }).waitFor()
    await tabTo(page, 'Ada')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/people\/ada/)
    await page.goBack()
    await page.getByRole('link', { name: 'What they did, in the list of people' }).click()
    await settled(page)
    assert.equal(numberIn(await page.locator('h1').innerText()), 1)
    assert.equal(await page.getByLabel('In the audience').inputValue(), 'buyers')
    await page.getByRole('link', { name: 'Its rule and all its members' }).click()
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Times, condition 1').fill('2')
    await page.keyboard.press('Enter')
    await page.getByText('Nobody at the moment').waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No audiences yet').waitFor()
    assert.deepEqual(page.faults, [])
  })

  test('pages pass axe, fit the screen and break no policy', { timeout: 600_000 }, async (t) => {
    await look(t, world, {
      people: '/people',
      'people-found': '/people?find=ada',
      person: '/people/ada',
      'person-events': '/people/ada?tab=events&events=all',
      identity: '/people/ada?tab=identity',
      merge: '/people/ada?tab=identity&do=merge&with=bob',
      audiences: '/audiences',
      'audience-new': `/audiences?${new URLSearchParams({ new: '1', draft: JSON.stringify(draft) })}`,
      traits: '/traits',
      'trait-new': '/traits?new=1',
      trait: '/traits/conversations',
      flags: '/flagged',
      'id-rules': '/id-rules',
      accounts: '/accounts',
      account: '/accounts/acme',
    }, {
      'audience-new': (page) => page.getByText(/people would be in it/).waitFor(),
      'trait-new': (page) => page.getByText(/people would have a value/).waitFor(),
      'people-found': (page) => page.getByText('2 people for “ada”').waitFor(),
      merge: (page) => page.getByRole('cell', { name: '3' }).waitFor(),
    })
  })
})
