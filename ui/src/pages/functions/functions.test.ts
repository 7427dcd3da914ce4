import { expect, test } from 'vitest'
import type { FunctionSetting } from '../../api/types'
import { draftsOf, fieldsPatch, newField, valueOf } from './fields'
import { breakLine, diff, folded, indent, outdent } from './text'

/** A text with its selection between bars. */
const at = (marked: string) => {
  const [a = '', b = '', c] = marked.split('|')
  return c === undefined ? { text: a + b, start: a.length, end: a.length } : { text: a + b + c, start: a.length, end: a.length + b.length }
}
const shown = (e: { text: string; start: number; end: number }) =>
  (e.start === e.end ? `${e.text.slice(0, e.start)}|${e.text.slice(e.end)}` : `${e.text.slice(0, e.start)}|${e.text.slice(e.start, e.end)}|${e.text.slice(e.end)}`)

test('the tab key indents where the cursor is, or the lines selected', () => {
  expect(shown(indent(at('a|b')))).toBe('a  |b')
  expect(shown(indent(at('x\na|b\nc|d')))).toBe('x\n  a|b\n  c|d')
})

test('shift and tab take indentation back, and no more than there is', () => {
  expect(shown(outdent(at('x\n    a|b')))).toBe('x\n  a|b')
  expect(shown(outdent(at('  a|b\n c|d\ne')))).toBe('a|b\nc|d\ne')
  expect(shown(outdent(at('a|b')))).toBe('a|b')
  expect(shown(outdent(at('| |a')))).toBe('|a')
})

test('a new line begins where the one before did, deeper after a bracket', () => {
  expect(shown(breakLine(at('  if (a) {|')))).toBe('  if (a) {\n    |')
  expect(shown(breakLine(at('  a|b')))).toBe('  a\n  |b')
})

const lines = (from: string, to: string) => diff(from, to).map((l) => l.sign + l.text).join('\n')

test('a comparison keeps what both have', () => {
  expect(lines('a\nb\nc', 'a\nx\nc')).toBe(' a\n-b\n+x\n c')
  expect(lines('a\nb', 'b\nc')).toBe('-a\n b\n+c')
  expect(lines('a', 'a')).toBe(' a')
  const loose = diff('a\nb', 'a\nb,\nc', (l) => l.replace(/,$/, ''))
  expect(loose.map((l) => l.sign + l.text)).toEqual([' a', ' b,', '+c'])
})

test('a comparison gives both texts back, whatever they are', () => {
  let seed = 7
  const random = (n: number) => (seed = (seed * 48_271) % 2_147_483_647) % n
  for (let i = 0; i < 200; i++) {
    const text = () => Array.from({ length: random(9) }, () => 'abc'[random(3)]).join('\n')
    const [from, to] = [text(), text()]
    const d = diff(from, to)
    expect(d.filter((l) => l.sign !== '+').map((l) => l.text).join('\n'), `seed 7, case ${i}`).toBe(from)
    expect(d.filter((l) => l.sign !== '-').map((l) => l.text).join('\n'), `seed 7, case ${i}`).toBe(to)
  }
})

test('what did not change is folded', () => {
  const f = folded(diff('1\n2\n3\n4\n5', '1\n2\n3\n4\nx'), 1)
  expect(f.map((l) => l && l.sign + l.text)).toEqual([null, ' 4', '-5', '+x'])
})

const settings: FunctionSetting[] = [
  { name: 'key', type: 'string', sensitive: true, set: true }, { name: 'tags', type: 'array', set: true, value: ['a', 'b'] as never },
  { name: 'map', type: 'text_map', set: true, value: { a: 'b: c' } as never, description: 'kept' },
]

test('a form of settings that nobody touched changes nothing', () => {
  expect(fieldsPatch(draftsOf({ settings }), settings)).toEqual({})
})

test('a touched value is sent alone, and a sensitive one never read back', () => {
  const drafts = draftsOf({ settings })
  expect(drafts.map((d) => d.value)).toEqual(['', 'a\nb', 'a: b: c'])
  expect(fieldsPatch(drafts.map((d) => (d.name === 'key' ? { ...d, value: 'new', touched: true } : d)), settings)).toEqual({ values: { key: 'new' } })
  expect(valueOf({ ...newField, type: 'text_map', value: 'a: b: c\n\nd:' })).toEqual({ a: 'b: c', d: '' })
  expect(valueOf(newField)).toBeNull()
})

test('a new field changes the form, and descriptions stay', () => {
  const patch = fieldsPatch([...draftsOf({ settings }), { ...newField, name: 'team', required: true }], settings)
  expect(patch.settings?.map((s) => s.name)).toEqual(['key', 'tags', 'map', 'team'])
  expect(patch.settings?.[2]?.description).toBe('kept')
  expect(patch.values).toBeUndefined()
})
