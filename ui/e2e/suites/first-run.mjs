import assert from 'node:assert/strict'
import http from 'node:http'
import { after, afterEach, before, test } from 'node:test'
import { Browser, findings, picture, Server, settled } from '../harness.mjs'

/** Opens the page that listens, and waits until the server has it among its listeners. */
async function start(page) {
  const listening = page.waitForResponse((r) => new URL(r.url()).pathname === '/api/v1/live' && r.status() === 200)
  await page.goto('/start')
  await listening
}

export function suite() {
  let server, browser
  before(async () => {
    server = await Server.start()
    browser = await Browser.open(server)
  })
  afterEach((t) => browser.tidy(t))
  after(async () => {
    await browser?.close()
    await server?.stop()
  })

  test('an empty server shows how to send, waits, and shows the first message', async () => {
    const page = await browser.page()
    await page.goto('/')
    await page.getByRole('heading', { name: 'Send your first conversation' }).waitFor()
    await page.getByText('Listening for the first message').waitFor()
    const key = await page.locator('.write-key code').innerText()
    for (const tab of ['Segment SDKs', 'Screeb events', 'Unity', 'OpenTelemetry', 'PostHog', 'HTTP batch', 'curl']) {
      await page.getByRole('tab', { name: tab, exact: true }).click()
      assert.match(await page.locator('.snippet pre').innerText(), new RegExp(`${key}|${btoa(`${key}:`)}`), tab)
    }
    assert.deepEqual(await findings(page), [])
    await picture(page, 'first-run-light')

    const code = await page.locator('.snippet pre').innerText()
    const body = code.match(/'(\{"batch"[\s\S]*\})'/)[1]
    const sent = await fetch(`${server.base}/v1/batch`, { method: 'POST', body, headers: { 'Content-Type': 'application/json', Authorization: `Basic ${btoa(`${key}:`)}` } })
    assert.equal(sent.status, 200)
    await page.locator('.transcript').getByText('Open Settings and choose Export.').waitFor()
    await page.getByText(/It works/).waitFor()
    await page.locator('.transcript .mark.good').first().waitFor()
    await picture(page, 'first-run-works')
    await page.getByRole('link', { name: 'Go to the overview' }).click()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    assert.deepEqual(page.faults, [])
  })

  test('a test conversation goes through the door', async () => {
    const page = await browser.page()
    await start(page)
    await page.getByRole('button', { name: 'Send a test conversation' }).click()
    await page.locator('.transcript .message').first().waitFor()
    await settled(page)
  })

  test('the Unity snippet is taken by its door', async () => {
    const page = await browser.page()
    await start(page)
    await page.getByRole('tab', { name: 'Unity' }).click()
    await page.getByRole('tab', { name: 'Terminal' }).click()
    const [, url, key, body] = (await page.locator('.snippet pre').innerText()).match(/curl (\S+) -u '(.+):' .* -d '(.+)'$/)
    const sent = await fetch(url, { method: 'POST', body, headers: { 'Content-Type': 'application/json', Authorization: `Basic ${btoa(`${key}:`)}` } })
    assert.equal((await sent.json()).accepted, 1)
    await page.locator('.transcript').getByText('How can I export my data?').waitFor()
  })

  test('the HTML snippet works on a page of another site', async () => {
    const page = await browser.page()
    await start(page)
    await page.getByRole('tab', { name: 'Segment SDKs' }).click()
    await page.getByRole('tab', { name: 'Browser, HTML' }).click()
    const html = await page.locator('.snippet pre').innerText()

    const site = http.createServer((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<!doctype html><title>Site</title>${html}`))
    await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve))
    try {
      const visitor = await browser.page({ storageState: undefined })
      const delivered = visitor.waitForResponse((r) => new URL(r.url()).pathname === '/v1/t' && r.request().method() === 'POST')
      await visitor.goto(`http://127.0.0.1:${site.address().port}/`)
      assert.equal((await delivered).status(), 200)
      assert.deepEqual(visitor.faults.filter((f) => !/favicon/.test(f)), [])
      await page.locator('.transcript').getByText('How can I export my data?').waitFor()
    } finally {
      site.close()
    }
  })
}
