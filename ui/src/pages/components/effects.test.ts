import { expect, test } from 'vitest'
import type { EffectRow, MetricAnswer } from '../../api/types'
import { toneOf, toolTable, verdictText } from './effects'

test('a verdict is good news by what is better', () => {
  expect(toneOf('higher', 'up')).toBe('good')
  expect(toneOf('higher', 'down')).toBe('bad')
  expect(toneOf('lower', 'down')).toBe('good')
  expect(toneOf('unclear', 'up')).toBe('')
  expect(toneOf('higher', 'none')).toBe('')
})

test('a small group has no verdict but that', () => {
  const row = { verdict: 'higher', small: true } as EffectRow
  expect(verdictText(row)).toBe('too few')
  expect(verdictText({ ...row, small: false })).toBe('higher')
})

test('tools are put together from several answers', () => {
  const answer = (...groups: [string | null, number, number][]) => ({ groups: groups.map(([key, value, n]) => ({ keys: [key], value, n, coverage: null })) }) as unknown as MetricAnswer
  const rows = toolTable(answer(['search', 9, 9], [null, 2, 2]), answer(['search', 120, 9]), answer(), answer(['write', 0.5, 4]))
  expect(rows).toEqual([
    { tool: 'search', calls: 9, latency: 120, failures: null, allowed: null, asked: 0 },
    { tool: 'write', calls: 0, latency: null, failures: null, allowed: 0.5, asked: 4 },
  ])
})
