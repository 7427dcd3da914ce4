import { expect, test } from 'vitest'
import { fieldIs, type Filter, parseFilter, phrase, toggleFilter, valueLabel, writeFilter } from './filter'

test('conditions survive writing and reading', () => {
  const conditions: Filter[] = [
    { field: 'tool_name', op: 'eq', values: ['get stock price'], not: false },
    { field: 'properties.url', op: 'eq', values: ['https://example.com/a:b'], not: true },
    { field: 'artifact_type', op: 'eq', values: ['Table', 'Chart'], not: false },
    { field: 'properties.x', op: 'eq', values: ['a|b', 'back\\slash', 'c'], not: false },
    { field: 'body', op: 'contains', values: ['what | is: this \\| and'], not: false },
    { field: 'score', op: 'exists', values: [], not: true },
    { field: 'channel', op: 'eq', values: [''], not: false },
    { field: 'messages', op: 'gte', values: ['10'], not: false },
  ]
  for (const f of conditions) expect(parseFilter(writeFilter(f))).toEqual(f)
})

test('what is no condition is refused', () => {
  for (const text of ['', 'score', ':eq:1', 'score:near:1', '!']) expect(parseFilter(text)).toBeNull()
})

test('toggling adds and removes', () => {
  const a = fieldIs('source', 'web')
  expect(toggleFilter([], a)).toEqual([a])
  expect(toggleFilter([fieldIs('source', 'ios'), a], a)).toEqual([fieldIs('source', 'ios')])
})

test('conditions read as phrases', () => {
  const names = new Map([['src_1', 'Web app']])
  expect(phrase(fieldIs('source', 'src_1'), names)).toEqual({ field: 'Source', word: 'is', value: 'Web app' })
  expect(phrase(fieldIs('tool_name', null))).toEqual({ field: 'Action', word: 'is not known', value: '' })
  expect(phrase(fieldIs('properties.prompt_version', 'v7'))).toEqual({ field: 'prompt_version', word: 'is', value: 'v7' })
  expect(valueLabel('weekday', '3')).toBe('Wednesday')
  expect(valueLabel('hour_of_day', '9')).toBe('09:00')
})
