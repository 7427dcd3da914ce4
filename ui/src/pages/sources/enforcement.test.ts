import { expect, test } from 'vitest'
import { actionOf, consequence, withAction } from './enforcement'

test('what is not said is allowed, and is not written', () => {
  expect(actionOf({}, 'track', 'violations')).toBe('allow')
  const set = withAction({}, 'track', 'violations', 'block')
  expect(set).toEqual({ track: { violations: 'block' } })
  expect(withAction(set, 'track', 'violations', 'allow')).toEqual({})
  expect(withAction({ ...set, strict: true }, 'identify', 'common', 'omit')).toEqual({ track: { violations: 'block' }, strict: true, identify: { common: 'omit' } })
})

test('one sentence says what will happen', () => {
  expect(consequence({})).toBe('Every call is stored as it is, and deviations are counted.')
  expect(consequence({ track: { unplanned_events: 'block', violations: 'quarantine' } })).toBe(
    'Violations of track calls are held back until you mend the plan or the client and replay them; unplanned events of track calls are held back, and not expected again; everything else is stored, and deviations are counted.')
  expect(consequence({ strict: true, forward_violations_to: 's1' }, new Map([['s1', 'Quality']]))).toBe(
    'Every call is stored as it is, and deviations are counted, repairs among them; each violation is also sent to Quality.')
})
