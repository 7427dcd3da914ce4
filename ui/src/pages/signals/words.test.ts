import { expect, test } from 'vitest'
import type { SignalDefinition } from '../../api/types'
import { bounded, previewParams, rule, same, tone, weight } from './words'

const seconds = { name: 'seconds', title: 'Longest time between', unit: 's', value: 240, default: 180, min: 10, max: 3600 }
const similarity = { name: 'similarity', title: 'Same words from', unit: '', value: 0.5, default: 0.5, min: 0.2, max: 1 }
const signal: SignalDefinition = {
  name: 'rephrase', title: 'Asked again', group: 'course', dimension: 'answer', weight: -0.5, default_weight: -0.5, fixed_weight: false,
  rule: 'Within {seconds} s, {similarity} of the words, and {nothing}.', off: false, changed: true, thresholds: [seconds, similarity],
}

test('weights carry their sign', () => {
  expect([0.4, -0.5, 0, -0.25, 1].map(weight)).toEqual(['+0.4', '−0.5', '0', '−0.25', '+1.0'])
  expect([0.4, -0.5, 0].map(tone)).toEqual(['good', 'bad', ''])
})

test('a rule says its thresholds as they are set, or tried', () => {
  expect(rule(signal)).toBe('Within 240 s, 0.5 of the words, and {nothing}.')
  expect(rule(signal, { seconds: 60 })).toBe('Within 60 s, 0.5 of the words, and {nothing}.')
})

test('a preview asks for what is not the default', () => {
  expect(previewParams(signal, {}, false)).toEqual({ 'threshold.seconds': '240' })
  expect(previewParams(signal, { seconds: 180, similarity: 0.4 }, true)).toEqual({ 'threshold.similarity': '0.4', off: 'true' })
})

test('nothing is changed until something differs from what is set', () => {
  expect(same(signal, {}, false)).toBe(true)
  expect(same(signal, { seconds: 240 }, false)).toBe(true)
  expect(same(signal, { seconds: 180 }, false)).toBe(false)
  expect(same(signal, {}, true)).toBe(false)
})

test('thresholds stay within their bounds', () => {
  expect([5, 9000, Number.NaN, 60].map((v) => bounded(v, seconds))).toEqual([10, 3600, 240, 60])
})
