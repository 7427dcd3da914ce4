import { expect, test } from 'vitest'
import type { Arrival } from '../../api/live'
import { joined, matches } from './matches'

const event = (more: object): Arrival => ({
  type: 'event',
  event: { id: 'evt-1', source: 's', vocabulary: 'segment', source_event: 'Message Sent', occurred_at: '', received_at: '', kind: 'message', action: 'sent', ...more },
})
const rejection: Arrival = { type: 'rejection', rejection: { id: '1', source: 's', received_at: '', code: 'missing_event_name', message: 'a track call needs "event"', call: '{}' } }

test('text is looked for in names, ids, people and messages', () => {
  const e = event({ user_id: 'Ada', body: 'Where is my order?', conversation_id: 'conv-9' })
  for (const text of ['', 'ada', 'ORDER', 'conv-9', 'message sent']) expect(matches(e, { text: text, only: '' })).toBe(true)
  expect(matches(e, { text: 'refund', only: '' })).toBe(false)
  expect(matches(rejection, { text: 'track call', only: '' })).toBe(true)
})

test('remarks and rejections can be shown alone', () => {
  expect(matches(event({}), { text: '', only: 'odd' })).toBe(false)
  expect(matches(event({ violations: ['missing_rating'] }), { text: '', only: 'odd' })).toBe(true)
  expect(matches(event({ repairs: [{ code: 'numeric_id' }] }), { text: '', only: 'odd' })).toBe(true)
  expect(matches(rejection, { text: '', only: 'odd' })).toBe(true)
  expect(matches(event({ violations: ['x'] }), { text: '', only: 'rejected' })).toBe(false)
  expect(matches({ type: 'missed', count: 2 }, { text: 'anything', only: 'rejected' })).toBe(true)
})

test('marks, events and spans narrow what is shown', () => {
  const span = event({ source_event: 'span', kind: 'product', action: 'traced' })
  expect(matches(span, { text: '', only: '', spans: false })).toBe(false)
  expect(matches(event({}), { text: '', only: '', spans: false })).toBe(true)
  expect(matches(event({}), { text: '', only: '', event: 'Order Placed' })).toBe(false)
  expect(matches(event({ repairs: [{ code: 'numeric_id' }] }), { text: '', only: 'repaired' })).toBe(true)
  expect(matches(event({ repairs: [{ code: 'from_trace', from: 'turn_id' }] }), { text: '', only: 'ok' })).toBe(true)
  expect(matches(rejection, { text: '', only: 'violation' })).toBe(false)
})

test('a row that comes again takes the place of what it was', () => {
  const a = (id: string, revision: number) => event({ id, revision })
  const ids = (list: readonly Arrival[]) => list.map((x) => (x.type === 'event' ? `${x.event.id}${x.event.revision}` : x.type))
  expect(ids(joined([a('y', 0), a('x', 0)], [a('z', 0), a('x', 1)], 9))).toEqual(['z0', 'y0', 'x1'])
  expect(ids(joined([], [a('x', 1), rejection, a('x', 0)], 9))).toEqual(['x1', 'rejection'])
  expect(joined([a('x', 0)], [a('y', 0)], 1)).toHaveLength(1)
})
