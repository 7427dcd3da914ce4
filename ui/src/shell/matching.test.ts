import { expect, test } from 'vitest'
import { matching } from './matching'

const all = [
  { title: 'Overview', hint: 'How is the copilot doing?' },
  { title: 'Last 7 days', hint: 'Range · W' },
  { title: 'Sources', hint: 'Where do events come from?' },
  { title: 'Web app', hint: 'Only this source' },
]
const found = (text: string) => matching(all, text).map((c) => c.title)

test('every word must occur, in the title or the hint', () => {
  expect(found('last days')).toEqual(['Last 7 days'])
  expect(found('range 7')).toEqual(['Last 7 days'])
  expect(found('refund')).toEqual([])
})

test('titles that begin so go first, the rest keeps its order', () => {
  expect(found('SOURCE')).toEqual(['Sources', 'Web app'])
  expect(found('o')).toEqual(['Overview', 'Sources', 'Web app'])
})
