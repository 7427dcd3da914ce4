import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Page, reasonOf, settle, stubs } from './page.mjs'

for (const [name, stub] of Object.entries(stubs)) {
  test(`${name}: what was queued is carried out in order`, async () => {
    const page = new Page()
    page.run(stub)
    page.run(`
      var done = [], note = (p, what) => p && p.then(() => done.push(what), () => done.push('not ' + what))
      note($screeb('event.track', 'too early'), 'too early')
      note($screeb('init', 'site', { identity: { id: 'ada' } }), 'init')
      note($screeb('event.track', 'first', { n: 1 }), 'first')
      note($screeb('event.track', 'bad#name'), 'bad')
      note($screeb('event.track', 'second'), 'second')
    `)
    page.load()
    await page.pass(60)
    assert.deepEqual(page.sent.map((c) => c.event ?? c.type), ['identify', 'first', 'second'])
    assert.equal(page.run('$screeb.q.length'), 0)
    const promised = name === 'v1' || name === 'sdk'
    assert.deepEqual([...page.run('done')], promised ? ['not too early', 'init', 'first', 'not bad', 'second'] : [])
  })

  test(`${name}: a stub or queue that was kept goes on working`, async () => {
    const page = new Page()
    page.run(stub)
    page.run(`$screeb('init', 'site', { identity: { id: 'ada' } }); var kept = $screeb, queue = $screeb.q`)
    page.load()
    page.run(`kept('event.track', 'through the stub'); queue.push(['event.track', 'through the queue'])`)
    await page.pass(60)
    assert.deepEqual(page.sent.map((c) => c.event ?? c.type), ['identify', 'through the stub', 'through the queue'])
  })
}

test('the function says that it is the tag, and a second load changes nothing', async () => {
  const page = Page.ready()
  const first = page.run('$screeb')
  assert.match(first.__debrief, /^\d+\.\d+\.\d+$/)
  page.load()
  assert.equal(page.run('$screeb'), first)
  await page.command('event.track', 'once')
  await page.pass(60)
  assert.equal(page.sent.filter((c) => c.event === 'once').length, 1)
})

test('the global has the name that the snippet chose', async () => {
  const page = new Page()
  page.run(`window.ScreebObject = 'feedback'`)
  page.load()
  assert.ok(page.run('feedback').__debrief)
  assert.equal(page.run('typeof $screeb'), 'undefined')
})

test('events go to where the tag came from', async () => {
  for (const [src, want] of [
    ['https://debrief.example/screeb/tag.js', 'https://debrief.example/v1/batch'],
    ['https://debrief.example/tag.js?v=2', 'https://debrief.example/v1/batch'],
    ['http://localhost:8080/behind/a/proxy/screeb/tag.js', 'http://localhost:8080/behind/a/proxy/v1/batch'],
  ]) {
    const page = Page.ready({ src })
    await page.pass(60)
    assert.equal(page.requests[0].url, want)
  }
})

test('rejections that nobody looks at stay quiet, those of others do not', async () => {
  const page = new Page()
  page.run(stubs.v1)
  page.run(`$screeb('event.track', 'too early').catch((e) => { window.reason = e })`)
  page.load()
  await settle()
  const calls = []
  const event = (reason) => ({ reason, preventDefault: () => calls.push('prevented'), stopImmediatePropagation: () => calls.push('stopped') })
  page.fire('unhandledrejection', event(page.window.reason))
  assert.deepEqual(calls, ['prevented', 'stopped'])
  page.fire('unhandledrejection', event(new Error('the page\'s own')))
  assert.equal(calls.length, 2)
  assert.match(await reasonOf(page.command('event.track', 'x')), /init first/)
})

test('what is no command in the queue stops nothing', async () => {
  const page = new Page()
  page.run(`window.$screeb = function () {}; $screeb.q = [null, 7, 'init', {}, { v: 1 }, ['init', 'site', { identity: { id: 'ada' } }], ['event.track', 'good']]`)
  page.load()
  await page.pass(60)
  assert.deepEqual(page.sent.map((c) => c.event ?? c.type), ['identify', 'good'])
})
