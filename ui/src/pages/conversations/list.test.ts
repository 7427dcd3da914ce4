import { expect, test } from 'vitest'
import { conversationHref, neighbours, pageUrl, type Place, placeOf, placeParams } from './list'
import { parseView } from '../../state/view'

const first: Place = { sort: 'at', desc: true, after: undefined, page: 1 }

test('a place in the list survives the URL', () => {
  const places: Place[] = [first, { sort: 'messages', desc: false, after: 'WyIxIl0', page: 3 }]
  for (const place of places) {
    const params = new URLSearchParams()
    for (const [k, v] of Object.entries(placeParams(place))) if (v !== undefined) params.set(k, v)
    expect(placeOf(params)).toEqual(place)
  }
  expect(placeOf(new URLSearchParams('page=-1')).page).toBe(1)
})

test('the question of a page holds filters, order and cursor', () => {
  expect(pageUrl({ from: '2026-03-01', filter: ['source:eq:a', 'score:exists'], q: undefined }, { ...first, after: 'c' }))
    .toBe('/api/v1/conversations?from=2026-03-01&filter=source%3Aeq%3Aa&filter=score%3Aexists&sort=at&desc=true&limit=50&after=c')
})

test('ids of any kind fit in a link', () => {
  const href = conversationHref('a/b?c#d', parseView(new URLSearchParams('range=7d')), first)
  expect(href).toBe('/conversations/a%2Fb%3Fc%23d?range=7d')
})

test('neighbours are those of the page', () => {
  expect(neighbours(['a', 'b', 'c'], 'b')).toEqual({ before: 'a', after: 'c' })
  expect(neighbours(['a', 'b'], 'a')).toEqual({ before: undefined, after: 'b' })
  expect(neighbours(['a'], 'x')).toEqual({})
})
