import { expect, test } from 'vitest'
import { written } from './traits'

test('values are written as people read them', () => {
  const f = (value: unknown, want: string) => expect(written(value)).toBe(want)
  f('pro', 'pro')
  f(1234.56789, '1,234.568')
  f(true, 'true')
  f(['AAPL', 3], 'AAPL, 3')
  f({ country: 'FR' }, '{"country":"FR"}')
  f(null, 'null')
})
