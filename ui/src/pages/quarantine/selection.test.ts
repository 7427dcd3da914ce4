import { expect, test } from 'vitest'
import { held, selectionOf } from './selection'

const group = (event: string, count: number) => ({ source: 's', event, type: 'track', action: 'block' as const, code: 'constraint', plan: 'p', count, first_at: '', last_at: '' })
const summary = { groups: [group('A', 3), group('B', 4), group('A', 1), group('', 2)], total: 10 }

test('what is ticked goes before what is shown', () => {
  expect(selectionOf(new Set(['1', '2']), { event: 'A' })).toEqual({ ids: ['1', '2'] })
  expect(selectionOf(new Set(), { event: 'A', code: undefined })).toEqual({ filter: { event: 'A' } })
  expect(selectionOf(new Set(), {})).toEqual({ filter: {} })
})

test('how many match is said only where the groups know', () => {
  expect(held(summary, {})).toBe(10)
  expect(held(summary, { event: 'A' })).toBe(4)
  expect(held(summary, { event: 'track' })).toBe(2)
  expect(held(summary, { event: 'A', code: 'constraint' })).toBeUndefined()
  expect(held(undefined, {})).toBeUndefined()
})
