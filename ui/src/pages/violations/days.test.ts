import { expect, test } from 'vitest'
import { daily } from './days'

const series = [{ day: '2026-05-02', count: 3 }, { day: '2026-05-04', count: 1 }]

test('every day of the range has its count', () => {
  expect(daily(series, '2026-05-01', '2026-05-06')).toEqual([0, 3, 0, 1, 0])
})

test('an open range goes from the first day with any to the last', () => {
  expect(daily(series, undefined, undefined)).toEqual([3, 0, 1])
  expect(daily([], undefined, undefined)).toEqual([])
})

test('of a long range the last days are shown', () => {
  const days = daily(series, '2025-05-06', '2026-05-06')
  expect(days).toHaveLength(120)
  expect(days.slice(-4)).toEqual([3, 0, 1, 0])
})
