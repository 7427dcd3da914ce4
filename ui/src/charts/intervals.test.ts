import { expect, test } from 'vitest'
import { domainOf, intervalMark, side } from './intervalMarks'

test('all intervals fit on one axis that has 0', () => {
  const rows = [{ value: 0.2, interval: [0.1, 0.3] as const }, { value: 0.5, interval: null }, { value: null, interval: null }]
  expect(domainOf(rows)).toEqual([-0.025, 0.525])
  expect(domainOf([{ value: -1, interval: [-2, -1] as const }])).toEqual([-2.1, 0.1])
  expect(domainOf([])).toBeNull()
  expect(domainOf([{ value: 0, interval: [0, 0] as const }])).toEqual([-1, 1])
})

test('a mark is where its numbers are', () => {
  expect(intervalMark({ value: 5, interval: [0, 10] }, [-10, 10])).toEqual({ zero: 0.5, lo: 0.5, hi: 1, value: 0.75 })
  expect(intervalMark({ value: 5, interval: null }, [-10, 10])).toBeNull()
})

test('an interval that touches 0 decides nothing', () => {
  expect(side([0.1, 0.2])).toBe('above')
  expect(side([-0.2, -0.1])).toBe('below')
  expect(side([0, 0.2])).toBe('around')
  expect(side(null)).toBe('around')
})
