import { expect, test } from 'vitest'
import type { Retention } from '../../api/types'
import { bandPath, linePath } from '../../charts/lines'
import { curveRows, curves, periodsOf, triangle, triangleRows } from './marks'

const data: Retention = {
  who: 'users', period: 'week', range: { from: null, until: null, zone: 'UTC' },
  cohorts: [
    { start: '2026-05-04T00:00:00Z', size: 40, returned: [40, 20, 0], complete: 3 },
    { start: '2026-05-11T00:00:00Z', size: 10, returned: [10, 0], complete: 1 },
  ],
  curve: [
    { k: 0, returned: 50, eligible: 50, rate: 1, interval: [0.9, 1] }, { k: 1, returned: 20, eligible: 40, rate: 0.5, interval: [0.4, 0.6] },
    { k: 2, returned: 0, eligible: 40, rate: 0, interval: [0, 0.1] }, { k: 3, returned: 0, eligible: 0, rate: null, interval: null },
  ],
  groups: [{ key: null, size: 12, curve: [{ k: 0, returned: 12, eligible: 12, rate: 1, interval: [0.7, 1] }] }],
  groups_total: 1,
}

test('what is over and nobody came is told from what is not over', () => {
  const [first, second] = triangle(data.cohorts)
  expect(first?.cells[2]).toMatchObject({ n: 0, over: true, shade: 0 })
  expect(second?.cells[1]).toMatchObject({ n: 0, over: false })
  expect([first?.small, second?.small]).toEqual([false, true])
})

test('the triangle and its table agree', () => {
  expect(periodsOf(data.cohorts)).toBe(3)
  const rows = triangleRows(data.cohorts, (s) => s.slice(0, 10))
  expect(rows.map((r) => r.cells)).toEqual([
    ['2026-05-04T00:00:00Z', 40, 40, 20, 0],
    ['2026-05-11T00:00:00Z', 10, 10, '0 so far', null],
  ])
  triangle(data.cohorts).forEach((row, i) => row.cells.forEach((c, k) => expect(String(rows[i]?.cells[k + 2])).toMatch(new RegExp(`^${c.n}\\b`))))
})

test('the curves and their table agree; small groups are marked', () => {
  const list = curves(data, (key) => key ?? 'none')
  expect(list.map((c) => [c.label, c.size, c.small])).toEqual([['All', 50, false], ['none', 12, true]])
  const rows = curveRows(list)
  expect(rows.map((r) => r.cells.slice(0, 5))).toEqual([['All', 0, 50, 50, 1], ['All', 1, 20, 40, 0.5], ['All', 2, 0, 40, 0], ['none', 0, 12, 12, 1]])
  expect(rows.at(-1)?.shown?.[0]).toBe('none (small)')
})

test('lines leave gaps, intervals need two points', () => {
  expect(linePath([0, null, 1, 0.5], 30, 10, 1)).toBe('M0,10M20,0L30,5')
  expect(bandPath([0, 0.5], [1, 2], 10, 10, 1)).toBe('M0,0L10,0L10,5L0,10Z')
  expect(bandPath([0, null], [1, null], 10, 10, 1)).toBe('')
})
