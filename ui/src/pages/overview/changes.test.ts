import { expect, test } from 'vitest'
import type { Changes } from '../../api/types'
import { against, summary } from './changes'

const changes = (now: number | null, before: number | null, interval: [number, number] | null): Changes => ({
  metric: { title: 'Resolved', unit: 'ratio' }, total: { n: 100, rate: now, interval: null }, previous: { n: 100, rate: before, interval: null },
  change: now === null || before === null ? null : now - before, interval,
}) as unknown as Changes

test('the change is said with how sure it is', () => {
  expect(summary(changes(0.5, 0.6, [-0.14, -0.06]))).toBe('Resolved went from 60 % to 50 % (−10 pts; 95 %: −14 to −6 pts).')
  expect(summary(changes(0.5, 0.6, [-0.3, 0.1]))).toBe('Resolved went from 60 % to 50 % (−10 pts; 95 %: −30 to +10 pts, which may be chance).')
  expect(summary(changes(null, 0.6, null))).toMatch(/cannot be compared/)
})

test('what it is compared with is said', () => {
  expect(against({ ...changes(0.5, 0.6, null), against: 'previous' })).toBe('against the period before')
  expect(against({ ...changes(0.5, 0.6, null), against: 'first_half' })).toMatch(/^second half against the first/)
  expect(against(null)).toBe('against the period before')
})
