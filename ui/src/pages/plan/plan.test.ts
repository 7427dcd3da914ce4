import { expect, test } from 'vitest'
import type { Plan } from '../../api/types'
import { eventsOf, found, propertiesOf } from './document'
import { linesOf, spanOf } from './lines'

const document = {
  $defs: { item: { type: 'object', required: ['sku'], properties: { sku: { type: 'string', minLength: 1 } } } },
  events: [
    { name: 'Order Placed', labels: { team: 'checkout' }, aliases: ['Purchased'], schema: {
      required: ['total'],
      properties: { total: { type: 'number', minimum: 0, description: 'In USD.' }, coupon: { enum: ['A', 'B'] }, items: { type: 'array', items: { $ref: '#/$defs/item' } } },
    } },
    { type: 'identify', schema: { properties: { email: { type: ['string', 'null'], format: 'email' } }, additionalProperties: true } },
    { name: 'Anything', deprecated: true },
  ],
}
const events = eventsOf({ document: document as object as Plan['document'] })

test('an event lists its properties, those inside lists by their path', () => {
  expect(events[0]?.properties.map((p) => [p.path, p.type, p.required, p.rules.join('; ')])).toEqual([
    ['total', 'number', true, '≥ 0'],
    ['coupon', 'enum', false, 'one of A, B'],
    ['items', 'array of object', false, ''],
    ['items[].sku', 'string', true, 'not empty'],
  ])
  expect(events[1]?.name).toBe('identify')
  expect(events[1]?.properties[0]).toMatchObject({ type: 'string or null', rules: ['email'] })
})

test('an event is closed when it names properties and welcomes no others', () => {
  expect(events.map((e) => e.open)).toEqual([false, true, true])
  expect(events[2]?.deprecated).toBe(true)
})

test('definitions that refer to themselves end', () => {
  const defs = { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } }
  expect(propertiesOf({ properties: { next: { $ref: '#/$defs/node' } } }, defs).length).toBeLessThan(10)
})

test('every word of a search must occur somewhere in the event', () => {
  const names = (words: string) => found(events, words).map((e) => e.name)
  expect(names('sku order')).toEqual(['Order Placed'])
  expect(names('purchased')).toEqual(['Order Placed'])
  expect(names('checkout email')).toEqual([])
  expect(names('')).toHaveLength(3)
})

test('lines carry the worst of what was found in them', () => {
  const problem = (severity: 'error' | 'warning', line?: number) => ({ severity, line, path: '', message: '' })
  const lines = linesOf('a\nbc\nd', [problem('error', 2), problem('warning', 2), problem('warning', 3), problem('error')])
  expect(lines.map((l) => l.mark)).toEqual([undefined, 'error', 'warning'])
  expect(spanOf('a\nbc\nd', 2)).toEqual([2, 4])
  expect(spanOf('a', 9)[1]).toBeGreaterThanOrEqual(0)
})
