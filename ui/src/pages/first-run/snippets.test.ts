import { expect, test } from 'vitest'
import { tabs } from './snippets'

const all = tabs('https://debrief.example:8443', 'wk_2f6b')

test('every snippet names this server and this key', () => {
  for (const snippet of all.flatMap((t) => t.snippets)) {
    expect(snippet.code, snippet.title).toContain('debrief.example:8443')
    expect(snippet.code, snippet.title).toMatch(/wk_2f6b|d2tfMmY2Yjo=/)
  }
})

test('the bodies of requests are JSON', () => {
  const bodies = all.flatMap((t) => t.snippets).flatMap(({ code }) => code.match(/\{"batch"[\s\S]*\n\]\}/) ?? [])
  expect(bodies).toHaveLength(2)
  for (const body of bodies) expect((JSON.parse(body) as { batch: unknown[] }).batch.length).toBeGreaterThan(1)
})
