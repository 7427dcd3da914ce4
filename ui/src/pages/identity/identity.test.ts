import { expect, test } from 'vitest'
import type { IdentityLink, SeenIdentifier } from '../../api/types'
import { blocking, lines, moved, trusting } from './rules'
import { type Branch, treeOf } from './tree'
import { evidence, refusal, why } from './words'

const at = '2026-05-01T10:00:00Z'
const id = (type: string, value: string): SeenIdentifier => ({ type, value, first_at: at, first_event: 'm', first_source: 'web' })
const link = (a: SeenIdentifier, b: SeenIdentifier, more: Partial<IdentityLink> = {}): IdentityLink =>
  ({ id: `c-${a.value}-${b.value}`, a, b, at, alias: false, decision: false, merge: false, ...more })
const write = (b: Branch): string => b.id.value + (b.branches.length > 0 ? `(${b.branches.map(write).join(' ')})` : '')

const [u1, u2, a1, a2, mail, odd] = [id('user_id', 'u1'), id('user_id', 'u2'), id('anonymous_id', 'a1'), id('anonymous_id', 'a2'), id('email', 'u1'), id('anonymous_id', 'null')]

test('the ids of a person are a tree below the one that names it, whichever end of a link is which', () => {
  const f = (person: string, identifiers: SeenIdentifier[], links: IdentityLink[]) => treeOf({ person, identifiers, links }).map(write).join(' ')
  expect(f('u1', [u1, u2, a1, a2], [link(a1, u1), link(a1, a2), link(u2, u1)])).toBe('u1(a1(a2) u2)')
  expect(f('u1', [a1, u1], [link(u1, a1)])).toBe('u1(a1)')
  expect(f('u1', [mail, u1], [link(mail, u1)])).toBe('u1(u1)')
  expect(f('u1', [u1, odd, a1], [link(u1, a1)])).toBe('u1(a1) null')
  expect(f('u1', [u1, a1, a2], [link(u1, a1), link(a1, a2), link(a2, u1)])).toBe('u1(a1 a2)')
  expect(f('u1', [u1], [link(u1, a1)])).toBe('u1')
  expect(f('u1', [], [])).toBe('')
})

test('a link says why it is there', () => {
  expect(why(link(u1, a1), [])).toBe('one call carried both')
  expect(why(link(u1, a1, { merge: true }), [])).toBe('one call carried both; until then they were two people')
  expect(why(link(u1, u2, { id: 'd1', decision: true, merge: true }), [{ id: 'd1', at, kind: 'merge', by: 'Ada' }])).toBe('Ada decided that they are one person')
  expect(refusal({ ...link(u1, u2), reason: 'limit', type: 'user_id' })).toBe('the person would have had more of “user id” than the rules allow')
  expect(evidence({ type: 'user_id', value: '123', with: 'anonymous_id', count: 41, most: 3 })).toBe('came with 41 anonymous ids that were new on one day; 3 are usual')
})

test('an id is blocked as it is, and trusted by its type; how far people are is no rule', () => {
  const rules = { types: [], blocked: ['null'], trusted: null, waiting: 3, rows: 1, total: 2 }
  expect(blocking(rules, id('user_id', 'a.b(c)'))).toEqual({ types: [], blocked: ['null', 'a\\.b\\(c\\)'], trusted: null })
  expect(trusting(rules, u1)).toEqual({ types: [], blocked: ['null'], trusted: [{ type: 'user_id', value: 'u1' }] })
})

test('patterns are lines, and kinds move', () => {
  expect(lines(' null \n\n[0-]*\n')).toEqual(['null', '[0-]*'])
  expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'c', 'b'])
  expect(moved(['a', 'b', 'c'], 1, 2)).toEqual(['a', 'c', 'b'])
})
