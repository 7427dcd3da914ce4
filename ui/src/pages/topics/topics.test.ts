import { describe, expect, test } from 'vitest'
import type { MetricAnswer, Topic } from '../../api/types'
import { rowsOf, sorted } from './rows'

const answer = (groups: [string | null, number | null, number?][]) =>
  ({ groups: groups.map(([key, value, coverage]) => ({ keys: [key], value, n: 1, coverage: coverage ?? null })) }) as unknown as MetricAnswer
const topic = (id: string, name: string, pinned = false): Topic => ({ id, name, found_name: name, terms: [], pinned, excluded: false, conversations: 0 })

describe('rows of topics', () => {
  const topics = [topic('t1', 'card delivery'), topic('t2', 'exchange rate', true)]
  const rows = rowsOf({
    conversations: answer([['t1', 60], ['other', 20], ['t2', 15], [null, 5]]),
    satisfaction: answer([['t1', 0.4, 0.8]]), loops: answer([['t1', 6]]), resolved: answer([['t2', 0.9], ['t1', 0.5]]),
  }, topics)

  test('join the figures of each topic', () => {
    expect(rows.map((r) => [r.name, r.n, r.share, r.loops, r.satisfaction, r.coverage])).toEqual([
      ['card delivery', 60, 0.6, 0.1, 0.4, 0.8], ['exchange rate', 15, 0.15, 0, null, null], ['other', 20, 0.2, 0, null, null], ['Without a topic', 5, 0.05, 0, null, null],
    ])
  })

  test('are sorted with pinned ones first and what has no topic last', () => {
    expect(sorted(rows, 'n', true).map((r) => r.id)).toEqual(['t2', 't1', 'other', ''])
    expect(sorted(rows, 'name', false).map((r) => r.id)).toEqual(['t2', 't1', 'other', ''])
  })

  test('put unknown values after known ones, either way', () => {
    const free = rows.map((r) => ({ ...r, topic: topic(r.id, r.name) }))
    expect(sorted(free, 'satisfaction', true)[0]?.id).toBe('t1')
    expect(sorted(free, 'satisfaction', false)[0]?.id).toBe('t1')
  })
})
