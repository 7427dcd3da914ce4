import { describe, expect, test } from 'vitest'
import type { SQLAnswer } from '../../api/types'
import { drawingOf, lineMarks, linkOf, shown, tableOf } from './answer'

const answer = (columns: string[], ...rows: unknown[][]): SQLAnswer => ({
  columns: columns.map((name) => ({ name, type: 'VARCHAR' })), rows, truncated: false, took_ms: 1,
})

describe('an answer', () => {
  test('is read and exported by the same cells', () => {
    const table = tableOf(answer(['a', 'b', 'c'], ['x', 1234.5, null], ['y', 2, ['p', 1]]))
    expect(table.rows[0]).toEqual({ cells: ['x', 1234.5, null], shown: ['x', '1,234.5', '–'] })
    expect(table.rows[1]?.cells[2]).toBe('["p",1]')
    expect(shown(0.000125)).toBe('0.000125')
    expect(shown({ a: true })).toBe('{"a":true}')
  })

  test('is drawn by its first label and its numbers', () => {
    const drawing = drawingOf(answer(['n', 'day', 'm', 'note'], [1, '2026-01-01T00:00:00Z', 2, 'x'], [3, '2026-01-02T10:30:00Z', null, null]))
    expect(drawing).toEqual({ labels: ['2026-01-01', '2026-01-02 10:30'], series: [{ name: 'n', values: [1, 3] }, { name: 'm', values: [2, null] }] })
  })

  test('of numbers alone is drawn along its first column, or by row', () => {
    expect(drawingOf(answer(['hour', 'n'], [0, 5], [1, 7]))).toEqual({ labels: ['0', '1'], series: [{ name: 'n', values: [5, 7] }] })
    expect(drawingOf(answer(['n'], [5], [7]))).toEqual({ labels: ['1', '2'], series: [{ name: 'n', values: [5, 7] }] })
  })

  test('says why there is nothing to draw', () => {
    expect(drawingOf(answer(['a'], ['x']))).toMatch(/column of numbers/)
    expect(drawingOf(answer(['a', 'b']))).toMatch(/no rows/)
  })

  test('leads to pages by the names of its columns', () => {
    expect(linkOf('conversation_id', 'a/b ü')).toBe('/conversations/a%2Fb%20%C3%BC')
    expect(linkOf('role', 'user')).toBeUndefined()
    expect(linkOf('user_id', null)).toBeUndefined()
  })
})

test('lines have gaps, and room below zero', () => {
  const marks = lineMarks({ labels: ['a', 'b', 'c', 'd'], series: [{ name: 'n', values: [10, null, -10, 0] }] })
  expect(marks.paths).toEqual(['M0 0M0.66667 1L1 0.5'])
  expect([marks.top, marks.bottom]).toEqual([10, -10])
  expect(marks.points[0]).toHaveLength(3)
})
