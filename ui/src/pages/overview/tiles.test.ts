import { expect, test } from 'vitest'
import type { MetricAnswer } from '../../api/types'
import { basis, filtersOf, sources, tiles } from './tiles'
import { writeFilter } from '../../state/filter'

const answer = (name: string, total: MetricAnswer['total'], stat: MetricAnswer['stat'] = null, coverage: string | null = null): MetricAnswer => ({
  metric: { name, title: '', description: '', definition: '', unit: 'count', better: 'up', grain: 'conversations', dimensions: [], stats: [], default_stat: null, conversion: false, coverage },
  stat, conversion: null, range: { from: null, until: null, zone: 'UTC' }, total, previous: null, series: [], previous_series: [], groups: [], groups_total: 0,
})

test('a figure says what it rests on', () => {
  expect(basis(answer('satisfaction', { value: 0.7, n: 120, coverage: 0.12 }, 'mean', 'rated'))).toBe('12 % rated · 120 of 1,000')
  expect(basis(answer('conversion_rate', { value: 0.2, n: 1560, coverage: null }))).toBe('312 of 1,560 conversations')
  expect(basis(answer('messages_per_conversation', { value: 4, n: 1, coverage: null }, 'median'))).toBe('median of 1 conversation')
  expect(basis(answer('messages_to_conversion', { value: 2, n: 312, coverage: null }, 'median'))).toBe('median of 312 converted')
})

test('satisfaction says where it comes from', () => {
  const group = (key: string | null, value: number) => ({ keys: [key], value, n: value, coverage: null })
  const made = { ...answer('conversations', { value: 200, n: 200, coverage: null }), groups: [group('inferred', 142), group(null, 34), group('rated', 24)] }
  expect(sources(made)).toBe('12 % rated · 71 % inferred · 17 % no signal')
  expect(sources({ ...made, total: { value: 0, n: 0, coverage: null }, groups: [] })).toBe('no conversations')
})

test('where nothing was measured it says so', () => {
  expect(basis(answer('satisfaction', { value: null, n: 0, coverage: 0 }, 'mean', 'rated'))).toBe('none rated')
  expect(basis(answer('first_response_time', { value: null, n: 0, coverage: null }, 'median'))).toBe('nothing to measure')
})

test('every tile opens the conversations behind it', () => {
  expect(tiles).toHaveLength(8)
  expect(filtersOf('conversion_rate').map(writeFilter)).toEqual(['converted:eq:true'])
  expect(filtersOf('actions').map(writeFilter)).toEqual(['actions:gt:0'])
  expect(filtersOf('events')).toEqual([])
})

test('a count of conversations opens as many', () => {
  const opens = (metric: string) => filtersOf(metric).map(writeFilter)
  expect(opens('messages_per_conversation')).toEqual(['messages:gt:0'])
  expect(opens('duration')).toEqual(['duration_ms:exists'])
  expect(opens('conversations_ended')).toEqual(['ended:eq:true'])
  expect(opens('converted_conversations')).toEqual(['converted:eq:true'])
  expect(opens('single_message_conversations')).toEqual(['messages:eq:1'])
  expect(opens('conversations_with_feedback')).toEqual(['feedback:gt:0'])
  expect(opens('conversations_without_user_message')).toEqual(['messages:gt:0', 'user_messages:eq:0'])
  expect(opens('conversations_without_agent_message')).toEqual(['messages:gt:0', 'agent_messages:eq:0', 'human_agent_messages:eq:0'])
})
