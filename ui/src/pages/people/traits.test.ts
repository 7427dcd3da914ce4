import { expect, test } from 'vitest'
import { flatten } from './traits'

test('traits become lines by their path', () => {
  expect(flatten({ plan: 'pro', age: 3, address: { country: 'FR', geo: { lat: 1.5 } }, tags: ['a', 1], none: null }))
    .toEqual([['plan', 'pro'], ['age', '3'], ['address.country', 'FR'], ['address.geo.lat', '1.5'], ['tags', '["a",1]'], ['none', 'null']])
})
