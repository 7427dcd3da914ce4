import { expect, test } from 'vitest'
import { columnAt, columns } from './columnMarks'
import { csv } from './csv'
import { week } from './heatMarks'
import { shade, ticks } from './scale'
import { spark } from './sparkMarks'

test('ticks are round and reach the maximum', () => {
  expect(ticks(100)).toEqual([0, 25, 50, 75, 100])
  expect(ticks(7)).toEqual([0, 2, 4, 6, 8])
  expect(ticks(0.3)).toEqual([0, 0.1, 0.2, 0.3])
  expect(ticks(0)).toEqual([0, 1])
  for (const max of [1, 3, 13, 99, 1234, 0.07]) {
    const t = ticks(max)
    expect(t.at(-1)).toBeGreaterThanOrEqual(max)
    expect(t.length).toBeLessThanOrEqual(6)
  }
})

test('the largest value has the darkest shade, any value has one', () => {
  expect(shade(0, 100, 5)).toBe(0)
  expect(shade(1, 100, 5)).toBe(1)
  expect(shade(100, 100, 5)).toBe(5)
  expect(shade(5, 0, 5)).toBe(0)
})

test('a sparkline leaves gaps where values are missing', () => {
  const s = spark([0, 10, null, 5], 30, 10, 0)
  expect(s.line).toBe('M0,10L10,0M30,5h0.01')
  expect(s.area).toBe('M0,10L0,10L10,0L10,10Z')
  expect(s.last).toEqual({ x: 30, y: 5 })
  expect(spark([null, null], 30, 10).last).toBeNull()
})

test('a sparkline of equal values is a line inside the box', () => {
  const { last } = spark([3, 3, 3], 30, 10)
  expect(last?.y).toBeGreaterThan(0)
  expect(last?.y).toBeLessThan(10)
})

test('columns stack from the bottom', () => {
  const [a, b] = columns([[1, 3], [0, 4]], 20, 40, 4)
  expect(a?.parts).toEqual([{ y: 30, height: 10 }, { y: 0, height: 30 }])
  expect(b?.parts).toEqual([{ y: 40, height: 0 }, { y: 0, height: 40 }])
  expect(b?.x).toBeGreaterThan(a?.x ?? 0)
  expect([columnAt(0, 20, 2), columnAt(10, 20, 2), columnAt(99, 20, 2), columnAt(-1, 20, 2)]).toEqual([0, 1, 1, 0])
})

test('the week starts on its first day and lacks no cell', () => {
  const groups = [{ keys: ['1', '9'], value: 10, n: 10, coverage: null }, { keys: ['7', '23'], value: 2, n: 2, coverage: null }]
  const monday = week(groups, 1)
  expect(monday.map((row) => row.length)).toEqual(Array(7).fill(24))
  expect(monday[0]?.[9]).toEqual({ weekday: 1, hour: 9, value: 10, shade: 5 })
  expect(week(groups, 7)[0]?.[23]).toEqual({ weekday: 7, hour: 23, value: 2, shade: 1 })
})

test('CSV quotes, and guards spreadsheets against formulas', () => {
  expect(csv(['Name', 'Count'], [['a "b", c', 3], ['=HYPERLINK("x")', -1], [null, 0.5]]))
    .toBe('Name,Count\r\n"a ""b"", c",3\r\n"\'=HYPERLINK(""x"")",-1\r\n,0.5\r\n')
})
