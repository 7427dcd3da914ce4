import { expect, test } from 'vitest'
import { definition, figureTone, verdictTitle, verdictTone } from './verdicts'

test('verdicts have words and a tone', () => {
  expect(verdictTitle('no_difference_yet')).toBe('no difference yet')
  expect(verdictTitle('')).toBe('control')
  expect(verdictTone('losing')).toBe('bad')
  expect(verdictTone('no_data')).toBe('')
  expect(figureTone('broken')).toBe('bad')
  expect(figureTone('better')).toBe('good')
})

test('a definition names what was chosen, the control first', () => {
  expect(definition(' model ', ['b', 'a'], 'person', 'resolved_rate', '')).toEqual({ field: 'model', variants: [{ value: 'b' }, { value: 'a' }], unit: 'person', primary: 'resolved_rate', guardrails: [] })
  expect(definition('model', ['a', 'b'], 'conversation', 'x', 'duration').guardrails).toEqual([{ metric: 'duration' }])
})
