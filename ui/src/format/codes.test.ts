import { expect, test } from 'vitest'
import { explain, explainAny } from './codes'
import { faults, filledIn } from './repairs'

test('codes of plans are explained on rows and in journeys', () => {
  expect(explain('plan_type_mismatch', 'violation')).toEqual(explain('type_mismatch', 'deviation'))
  expect(explainAny('required_missing').fix).not.toBe('')
  expect(explainAny('numeric_id')).toEqual(explain('numeric_id', 'repair'))
})

test('a code nobody wrote about is its own words, a missing field is named', () => {
  expect(explain('quite_new', 'repair').meaning).toBe('quite new')
  expect(explain('missing_plugin_label', 'violation').meaning).toContain('plugin_label')
  expect(explainAny('quite_new').meaning).toBe('quite new')
})

test('what a trace filled in is no fault of the client', () => {
  const event = { repairs: [{ code: 'numeric_id' }, { code: 'from_trace', from: 'action=completed', to: 'cancelled' }, { code: 'merged_message', from: 'user', to: 'm1' }] }
  expect(faults(event).map((r) => r.code)).toEqual(['numeric_id'])
  expect(filledIn(event)).toEqual(['action'])
  expect(faults({})).toEqual([])
})
