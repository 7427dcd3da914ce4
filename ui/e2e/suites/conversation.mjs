import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settled, until, visit } from '../harness.mjs'

export function suite(world) {
  const at = new Date(Date.now() - 60_000).toISOString()
  const call = (event, id, properties) => ({ type: 'track', event, userId: 'ui-tester', messageId: `ui-test-call-${id}-${world.server.base}`, timestamp: at, properties })
  const stored = (id) => until(`${id} is stored`, async () => fetch(`${world.server.base}/api/v1/conversations/${encodeURIComponent(id)}`, { headers: { Authorization: 'Bearer dbt_only_for_the_tests_of_the_ui' } }).then((r) => r.ok))

  test('messages are text, whatever they look like', async () => {
    const id = 'ui.test/html?&#1'
    const body = '<img src=x onerror="document.title=1"><script>document.title=2</script>\n**not bold** ' + 'long '.repeat(600)
    await world.server.send([
      call('Message Sent', 'a', { conversationId: id, messageId: 'm1', message_body: body }),
      call('Message Received', 'b', { conversationId: id, messageId: 'm2', message_body: 'Second' }),
      call('Feedback Submitted', 'c', { conversationId: id, messageId: 'm2', rating: 4, rating_scale: '1-5', comment: '<b>fine</b>' }),
    ])
    await stored(id)
    const page = await world.browser.page()
    await visit(page, `/conversations/${encodeURIComponent(id)}`)
    const bubble = page.locator('.message.user .bubble')
    assert.match(await bubble.innerText(), /<img src=x onerror=/)
    assert.equal(await page.locator('main img, main script, main .transcript b b').count(), 0)
    assert.doesNotMatch(await page.title(), /[12]/)
    await page.getByText('<b>fine</b>').waitFor()

    await page.getByRole('button', { name: /Show all [\d,]+ characters/ }).click()
    assert.ok((await bubble.innerText()).length > 3000)
    assert.deepEqual(page.faults, [])
  })

  test('the call is shown as it was received, when asked for', async () => {
    const id = 'ui-test-raw'
    await world.server.send([{ ...call('Message Sent', 'd', { conversationId: id, message_body: 'odd', colour: 'blue' }) }])
    await stored(id)
    const page = await world.browser.page()
    await visit(page, `/conversations/${id}`)
    await page.locator('.events button').first().click()
    const raw = JSON.parse(await page.getByRole('region', { name: 'The call as received' }).innerText())
    assert.equal(raw.properties.colour, 'blue')
    await page.locator('.events').getByText('missing_message_id').waitFor()
  })

  test('the person behind it has conversations and traits', async () => {
    await world.server.send([{ type: 'identify', userId: 'ui-tester', messageId: `ui-test-identify-${world.server.base}`, traits: { name: 'Tess T. Er', plan: 'pro' } }])
    const page = await world.browser.page()
    await visit(page, '/conversations/ui-test-raw')
    await page.locator('.facts').getByRole('link', { name: 'ui-tester' }).click()
    await until('the traits are stored', async () => {
      await page.reload()
      await settled(page)
      return (await page.locator('h1').innerText()) === 'Tess T. Er'
    })
    await page.getByText('pro', { exact: true }).waitFor()
    assert.ok((await page.locator('tbody tr').count()) >= 2)
  })

  test('an unknown conversation says so', async () => {
    const page = await world.browser.page()
    await visit(page, '/conversations/never-sent')
    await page.getByText('There is no such conversation').waitFor()
  })
}
