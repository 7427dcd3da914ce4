import { expect, test } from 'vitest'
import type { Annotation } from '../../api/types'
import { timeMarks } from './annotationMarks'

const at = (time: string): Annotation => ({ id: time, at: time, kind: 'deploy', text: '', source: '', author: '', created_at: time })
const starts = ['2026-05-04T00:00:00Z', '2026-05-05T00:00:00Z', '2026-05-06T00:00:00Z']

test('a moment lies inside its bucket', () => {
  const list = [at('2026-05-03T23:00:00Z'), at('2026-05-04T00:00:00Z'), at('2026-05-05T12:00:00Z'), at('2026-05-06T18:00:00Z'), at('2026-05-07T00:00:00Z')]
  expect(timeMarks(list, starts, undefined)).toEqual([{ at: 0, key: '2' }, { at: 1.5, key: '3' }, { at: 2, key: '4' }])
  expect(timeMarks(list, [], undefined)).toEqual([])
})
