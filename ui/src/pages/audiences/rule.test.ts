import { expect, test } from 'vitest'
import type { AudienceRule } from '../../api/types'
import { completed, group, grouped, keysOf, modeOf, partsOf, withPart } from './rule'

const pro: AudienceRule = { trait: { key: 'plan', op: 'equals', values: ['pro'] } }
const asked: AudienceRule = { did: { of: 'events', where: ['kind:eq:message'], at_least: 1 } }

test('groups are taken apart and put together as they were', () => {
  for (const rule of [{ all: [pro, asked] }, { any: [pro] }, { not: { any: [pro, asked] } }] as AudienceRule[]) {
    expect(group(modeOf(rule) ?? 'all', partsOf(rule))).toEqual(rule)
  }
  expect(modeOf(pro)).toBeNull()
  expect(grouped(pro)).toEqual({ all: [pro] })
})

test('not of anything is none of it', () => {
  expect(partsOf({ not: pro })).toEqual([pro])
  expect(partsOf({ not: { all: [pro, asked] } })).toEqual([{ all: [pro, asked] }])
  expect(withPart({ not: pro }, 0, asked)).toEqual({ not: { any: [asked] } })
})

test('parts are changed and taken away in their place', () => {
  expect(withPart({ all: [pro, asked] }, 0, null)).toEqual({ all: [asked] })
  expect(withPart({ any: [pro, asked] }, 1, pro)).toEqual({ any: [pro, pro] })
})

test('what is not filled in yet is not asked', () => {
  const f = (rule: AudienceRule) => completed(rule)
  expect(f({ all: [{ trait: { key: '', op: 'equals', values: ['x'] } }] })).toBeNull()
  expect(f({ all: [{ trait: { key: 'plan', op: 'equals', values: [''] } }, pro] })).toEqual({ all: [pro] })
  expect(f({ trait: { key: 'plan', op: 'exists', values: ['left over'] } })).toEqual({ trait: { key: 'plan', op: 'exists' } })
  expect(f({ did: { of: 'events', where: ['source_event:eq:'], at_least: 1 } })).toBeNull()
  expect(f({ did: { of: 'conversations', where: ['topic:eq:'], at_least: 1, window: '' } })).toEqual({ did: { of: 'conversations', where: [], at_least: 1 } })
  expect(f({ all: [{ not: { any: [] } }, asked] })).toEqual({ all: [asked] })
})

test('the traits that a rule looks at are listed once', () => {
  const plan: AudienceRule = { trait: { key: 'plan', op: 'exists' } }
  expect(keysOf({ all: [plan, { not: { any: [plan, { trait: { key: 'renews', op: 'within_next', values: ['30d'] } }] } }, { did: { of: 'events', at_least: 1 } }] })).toEqual(['plan', 'renews'])
})
