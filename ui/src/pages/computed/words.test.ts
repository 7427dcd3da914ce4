import { expect, test } from 'vitest'
import type { AudienceRule } from '../../api/types'
import { keyOf, ruleWords, span, traitWords } from './words'

test('a rule reads as a sentence', () => {
  const f = (rule: AudienceRule, words: string) => expect(ruleWords(rule)).toBe(words)
  const pro: AudienceRule = { trait: { key: 'plan', op: 'equals', values: ['pro', 'team'] } }
  f(pro, 'plan is pro or team')
  f({ did: { of: 'conversations', where: ['converted:eq:true'], window: '720h0m0s', at_most: 0 } }, 'had no conversations whose converted is yes, last 30 days')
  f({ did: { of: 'events', where: ['source_event:eq:Stock Bought'], at_least: 2, at_most: 2 } }, 'had exactly 2 events whose event is Stock Bought')
  f({ did: { of: 'conversations', at_least: 1 } }, 'had at least 1 conversation')
  f({ trait: { key: 'renews', op: 'within_next', values: ['30d'] } }, 'renews is within the next 30d')
  f({ any: [{ all: [pro, { trait: { key: 'age', op: 'gt', values: ['3'] } }] }, { not: { trait: { key: 'vip', op: 'exists' } } }] }, '(plan is pro or team and age > 3) or not vip is known')
})

test('a trait reads as a sentence', () => {
  expect(traitWords({ definition: { of: 'conversations', where: [], aggregate: 'count' } })).toBe('How many conversations')
  expect(traitWords({ definition: { of: 'events', where: ['kind:eq:artifact'], aggregate: 'unique_list', field: 'properties.symbol', window: '7d' } })).toBe('All different symbol of events whose kind is artifact, last 7 days')
  expect(traitWords({ sql: { statement: 'SELECT 1', every: 'day' } })).toBe('By SQL, every day')
})

test('spans of the API are those that are offered', () => {
  const f = (text: string, want: string) => expect(span(text)).toBe(want)
  f('', '')
  f('0s', '')
  f('168h0m0s', '7d')
  f('24h0m0s', '24h')
  f('1d', '24h')
  f('36h0m0s', '36h')
  f('30d', '30d')
})

test('a name makes a key that code can read', () => {
  const f = (name: string, key: string) => expect(keyOf(name)).toBe(key)
  f('Asked, did not convert', 'asked_did_not_convert')
  f('7 Cafés à Zürich!', 'cafes_a_zurich')
  f('日本', '')
})
