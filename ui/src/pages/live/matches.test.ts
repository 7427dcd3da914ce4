import { expect, test } from 'vitest'
import type { Arrival } from '../../api/live'
import { matches } from './matches'

const event = (more: object): Arrival => ({
  type: 'event',
  event: { id: 'evt-1', source: 's', vocabulary: 'segment', source_event: 'Message Sent', occurred_at: '', received_at: '', kind: 'message', action: 'sent', ...more },
})
const rejection: Arrival = { type: 'rejection', rejection: { id: '1', source: 's', received_at: '', code: 'missing_event_name', message: 'a track call needs "event"', call: '{}' } }

test('text is looked for in names, ids, people and messages', () => {
  const e = event({ user_id: 'Ada', body: 'Where is my order?', conversation_id: 'conv-9' })
  for (const text of ['', 'ada', 'ORDER', 'conv-9', 'message sent']) expect(matches(e, text, '')).toBe(true)
  expect(matches(e, 'refund', '')).toBe(false)
  expect(matches(rejection, 'track call', '')).toBe(true)
})

test('remarks and rejections can be shown alone', () => {
  expect(matches(event({}), '', 'odd')).toBe(false)
  expect(matches(event({ violations: ['missing_rating'] }), '', 'odd')).toBe(true)
  expect(matches(event({ repairs: [{ code: 'numeric_id' }] }), '', 'odd')).toBe(true)
  expect(matches(rejection, '', 'odd')).toBe(true)
  expect(matches(event({ violations: ['x'] }), '', 'rejected')).toBe(false)
  expect(matches({ type: 'missed', count: 2 }, 'anything', 'rejected')).toBe(true)
})
