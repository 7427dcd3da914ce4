import { expect, test } from 'vitest'
import type { Deliveries, Destination, DestinationHealth, DestinationKind } from '../../api/types'
import { changeBody, draftOf, filterOf, filterWords, mappingFault, newBody, previewBody, tryBody } from './form'
import { codesOf, codeWords, stateOf, stepsOf } from './steps'

const field = { label: '', doc: '', type: 'text' as const, secret: false, required: false, default: '', choices: [], example: '' }
const kind: DestinationKind = {
  name: 'webhook', title: 'Webhook', doc: '', website: '', types: ['track'], ordered: true, example: { call: {}, sent: '' }, mapping: { '@path': '$.' },
  settings: [{ ...field, key: 'url', secret: true }, { ...field, key: 'method', default: 'POST' }],
}
const health: DestinationHealth = {
  state: 'working', problem: '', waiting: 0, dead: 0, lost: 0, lost_at: null, in_hand: 0, oldest_at: null, catching_up: false, next_try_at: null, last_delivery_at: null,
  latency_p50_ms: 0, latency_p95_ms: 0, send_p50_ms: 0, send_p95_ms: 0,
}
const kept: Destination = {
  id: 'd1', name: 'Hook', kind: 'webhook', enabled: true, settings: { method: 'PUT' }, secrets_set: ['url'], functions: ['f1'], retry_hours: 12,
  filter: { types: ['track'], events: ['A*'], where: [{ path: '$.userId', is: 'exists' }] }, mapping: { a: 1 },
  created_at: '2026-01-01T00:00:00Z', created_by: '', updated_at: '2026-01-01T00:00:00Z', health,
}

test('a form that nobody touched changes nothing, and names no secret', () => {
  const body = changeBody(draftOf(kind, kept))
  expect(body).toEqual({ name: 'Hook', settings: { method: 'PUT' }, filter: kept.filter, functions: ['f1'], mapping: { a: 1 }, retry_hours: 12 })
})

test('a typed secret is set, an emptied one removed', () => {
  expect(changeBody({ ...draftOf(kind, kept), secrets: { url: 'https://b' } }).settings).toEqual({ method: 'PUT', url: 'https://b' })
  expect(changeBody({ ...draftOf(kind, kept), secrets: { url: '' } }).settings).toEqual({ method: 'PUT', url: '' })
})

test('a new destination begins with the defaults of its kind and its mapping', () => {
  const body = newBody(kind, { ...draftOf(kind), name: ' Hook ', secrets: { url: 'https://a' } })
  expect(body).toEqual({ name: 'Hook', kind: 'webhook', settings: { method: 'POST', url: 'https://a' }, filter: {}, functions: [], retry_hours: 0 })
})

test('what is tried names its destination, whose secrets hold, or else its kind', () => {
  expect(tryBody(kind, { ...draftOf(kind, kept), settings: { method: 'POST' } }, kept)).toEqual({ destination: 'd1', settings: { method: 'POST' } })
  expect(tryBody(kind, { ...draftOf(kind), secrets: { url: 'https://a' } })).toEqual({ kind: 'webhook', settings: { method: 'POST', url: 'https://a' } })
  expect(previewBody(kind, { ...draftOf(kind, kept), mapping: '' }, kept)).toEqual({ destination: 'd1', settings: { method: 'PUT' }, filter: kept.filter, functions: ['f1'], mapping: null })
})

test('a filter leaves out what says nothing', () => {
  const draft = { ...draftOf(kind), events: ' Order *\n\nPaid ', where: [{ path: ' ', is: 'exists' as const }, { path: '$.a', is: 'one_of' as const, any: ['x', ' '] }, { path: '$.b', is: 'not_exists' as const, value: 'left over' }] }
  expect(filterOf(draft)).toEqual({ events: ['Order *', 'Paid'], where: [{ path: '$.a', is: 'one_of', any: ['x'] }, { path: '$.b', is: 'not_exists' }] })
})

test('a filter reads as a sentence', () => {
  expect(filterWords({})).toBe('all calls that its kind takes')
  expect(filterWords({ types: ['track'], events: ['A', 'B'], sources: ['s1'], where: [{ path: '$.x', is: 'at_least', value: '3' }] }, () => 'Shop')).toBe('track calls, named A or B, from Shop, where $.x ≥ 3')
})

test('a mapping must be JSON before it is sent', () => {
  expect(mappingFault('')).toBe('')
  expect(mappingFault('{"a": {"@path": "$.b"}}')).toBe('')
  expect(mappingFault('{a}')).not.toBe('')
})

test('steps add codes up and put hours in their place', () => {
  const now = Date.parse('2026-11-21T11:30:00Z')
  const d: Deliveries = {
    totals: [{ step: 'discarded', code: '400', count: 2 }, { step: 'discarded', code: '410', count: 3 }, { step: 'delivered', code: '', count: 4 }],
    hours: [{ at: '2026-11-21T11:00:00Z', step: 'delivered', code: '', count: 3 }, { at: '2026-11-21T10:00:00Z', step: 'delivered', code: '', count: 1 }, { at: '2026-11-19T10:00:00Z', step: 'delivered', code: '', count: 9 }],
  }
  const steps = stepsOf(d, { ...health, waiting: 1, in_hand: 5 }, 3, now)
  expect(steps.map((s) => [s.name, s.count])).toEqual([['received', 0], ['filtered', 0], ['duplicate', 0], ['dropped', 0], ['delivered', 4], ['waiting', 5], ['discarded', 5]])
  const lossy = stepsOf({ ...d, totals: [...d.totals, { step: 'lost', code: 'log_full', count: 6 }] }, health, 3, now)
  expect(lossy.at(-1)).toMatchObject({ name: 'lost', count: 6, end: 'lost' })
  expect(steps[4]?.hours).toEqual([0, 1, 3])
  expect(codesOf(d, 'discarded')).toEqual([{ code: '410', count: 3 }, { code: '400', count: 2 }])
})

test('a state says what it means', () => {
  expect(stateOf(health).word).toBe('working')
  expect(stateOf({ ...health, waiting: 2 }).word).toBe('retrying')
  expect(stateOf({ ...health, state: 'invalid', problem: 'url is required' })).toMatchObject({ tone: 'bad', says: 'url is required' })
  expect(codeWords('507')).toBe('an error of the place')
  expect(codeWords('ValidationError')).toBe('')
})
