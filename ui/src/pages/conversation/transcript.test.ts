import { expect, test } from 'vitest'
import type { Event } from '../../api/types'
import { folded, itemsOf, noteOf, rating } from './transcript'

const event = (more: Partial<Event>): Event => ({
  id: 'e', source: 's', vocabulary: 'segment', source_event: 'Message Sent', occurred_at: '2026-03-31T10:00:00Z', received_at: '2026-03-31T10:00:00Z',
  kind: 'message', action: 'sent', ...more,
})
const utcDay = (at: string) => at.slice(0, 10)

test('days and long gaps stand between events', () => {
  const items = itemsOf([
    event({ occurred_at: '2026-03-31T10:00:00Z' }),
    event({ occurred_at: '2026-03-31T10:04:59Z' }),
    event({ occurred_at: '2026-03-31T10:10:00Z' }),
    event({ occurred_at: '2026-04-01T10:10:00Z' }),
  ], utcDay)
  expect(items.map((i) => (i.type === 'gap' ? `gap ${i.ms / 1000}` : i.type))).toEqual(['day', 'message', 'message', 'gap 301', 'message', 'day', 'gap 86400', 'message'])
})

test('an event of a conversion definition is marked as conversion', () => {
  const bought = event({ kind: 'product', action: 'tracked', source_event: 'Stock Purchased', product_event: 'Stock Purchased', amount: 1200.5, currency: 'USD' })
  expect(noteOf(bought, [{ name: 'purchase', events: ['Stock Purchased'], where: [] }])).toEqual({ kind: 'conversion', title: 'Stock Purchased', detail: '1,200.5 USD' })
  expect(noteOf(bought, []).kind).toBe('other')
})

test('notes say what happened', () => {
  const f = (more: Partial<Event>) => { const { title, detail } = noteOf(event(more), []); return [title, detail] }
  expect(f({ kind: 'tool', action: 'called', tool_name: 'check stock level', tool_type: 'Inventory Request' })).toEqual(['check stock level', 'Inventory Request'])
  expect(f({ kind: 'tool', action: 'called', tool_name: 'x', tool_ok: false })).toEqual(['x', 'failed'])
  expect(f({ kind: 'artifact', action: 'component_shown', artifact_type: 'Stock Price Chart' })).toEqual(['Stock Price Chart', 'shown'])
  expect(f({ kind: 'artifact', action: 'media_generated', artifact_type: 'image', artifact_subtype: 'gif' })).toEqual(['image · gif', 'generated'])
  expect(f({ kind: 'conversation', action: 'ended', reason: 'explicit' })).toEqual(['Conversation ended', undefined])
})

test('ratings keep their scale', () => {
  expect(rating(event({ rating_raw: '4', rating_min: 1, rating_max: 5, score: 0.75 }))).toBe('Rated 4 on 1–5')
  expect(rating(event({ rating_raw: '0', rating_min: 0, rating_max: 1, score: 0 }))).toBe('Thumb down')
  expect(rating(event({ rating_raw: '7' }))).toBe('Rated 7')
  expect(rating(event({ comment: 'slow' }))).toBe('Comment')
})

test('long texts fold, short ones do not', () => {
  expect(folded('short')).toBeNull()
  expect(folded('x'.repeat(3000))?.length).toBe(1400)
  expect(folded(Array(40).fill('line').join('\n'))?.split('\n').length).toBe(18)
})
