import { expect, test } from 'vitest'
import { addMonths, dayOf } from './day'
import { boundsOf, bucketRange, comparedWith, defaultPeriod, parseRange, presets, shiftRange, type Range, unfinished, writeRange } from './range'

const today = '2026-03-31'

test('the day is that of the zone, not of the clock', () => {
  const instant = new Date('2026-03-31T23:30:00Z')
  expect(dayOf(instant, 'UTC')).toBe('2026-03-31')
  expect(dayOf(instant, 'Europe/Paris')).toBe('2026-04-01')
  expect(dayOf(instant, 'America/New_York')).toBe('2026-03-31')
})

test('presets include today and are half-open', () => {
  expect(boundsOf({ preset: 'today' }, today)).toEqual({ from: '2026-03-31', until: '2026-04-01' })
  expect(boundsOf({ preset: 'yesterday' }, today)).toEqual({ from: '2026-03-30', until: '2026-03-31' })
  expect(boundsOf({ preset: '7d' }, today)).toEqual({ from: '2026-03-25', until: '2026-04-01' })
  expect(boundsOf({ preset: '12m' }, today)).toEqual({ from: '2025-04-01', until: '2026-04-01' })
  expect(boundsOf({ preset: 'all' }, today)).toEqual({})
})

test('every preset and fixed range survives the URL', () => {
  const ranges: Range[] = [
    ...presets.map(({ preset }) => ({ preset })),
    { from: '2026-01-01', until: '2026-02-01' },
    { from: '2026-01-01T10:00:00Z', until: '2026-01-01T11:00:00Z' },
  ]
  for (const range of ranges) {
    const params = new URLSearchParams()
    writeRange(range, params)
    expect(parseRange(new URLSearchParams(params.toString()))).toEqual(range)
  }
})

test('a range that cannot be read is the default', () => {
  for (const query of ['range=fortnight', 'from=2026-02-01&until=2026-01-01', 'from=yesterday&until=2026-01-01', 'from=2026-13-01&until=2026-14-01']) {
    expect(parseRange(new URLSearchParams(query))).toEqual({ preset: '30d' })
  }
})

test('shifting moves by the length of the range', () => {
  expect(shiftRange({ preset: '7d' }, -1, today)).toEqual({ from: '2026-03-18', until: '2026-03-25' })
  expect(shiftRange({ from: '2026-03-18', until: '2026-03-25' }, 1, today)).toEqual({ from: '2026-03-25', until: '2026-04-01' })
  expect(shiftRange({ preset: '12m' }, -1, today)).toEqual({ from: '2024-04-01', until: '2025-04-01' })
  expect(shiftRange({ from: '2026-01-01T10:00:00Z', until: '2026-01-01T11:00:00Z' }, -1, today))
    .toEqual({ from: '2026-01-01T09:00:00.000Z', until: '2026-01-01T10:00:00.000Z' })
  expect(shiftRange({ preset: 'all' }, -1, today)).toEqual({ preset: 'all' })
})

test('shifting keeps whole months whole', () => {
  expect(shiftRange({ from: '2026-03-01', until: '2026-04-01' }, -1, today)).toEqual({ from: '2026-02-01', until: '2026-03-01' })
  expect(shiftRange({ from: '2026-01-01', until: '2026-04-01' }, -1, today)).toEqual({ from: '2025-10-01', until: '2026-01-01' })
  expect(shiftRange({ from: '2026-02-01', until: '2026-03-01' }, 1, today)).toEqual({ from: '2026-03-01', until: '2026-04-01' })
})

test('months end on their last day', () => {
  expect(addMonths('2026-03-31', -1)).toBe('2026-02-28')
  expect(addMonths('2024-03-31', -1)).toBe('2024-02-29')
  expect(addMonths('2026-01-15', 12)).toBe('2027-01-15')
})

test('the period fits the range', () => {
  const f = (from: string, until: string) => defaultPeriod({ from, until })
  expect(f('2026-03-31', '2026-04-01')).toBe('hour')
  expect(f('2026-03-01', '2026-04-01')).toBe('day')
  expect(f('2025-04-01', '2026-04-01')).toBe('week')
  expect(f('2020-04-01', '2026-04-01')).toBe('month')
  expect(defaultPeriod({})).toBe('week')
})

test('a bucket opens what it counted', () => {
  const march = { from: '2026-03-04', until: '2026-04-01' }
  expect(bucketRange('2026-03-29T00:00:00+01:00', 'day', march)).toEqual({ from: '2026-03-29', until: '2026-03-30' })
  expect(bucketRange('2026-03-02T00:00:00Z', 'week', march)).toEqual({ from: '2026-03-04', until: '2026-03-09' })
  expect(bucketRange('2026-03-30T00:00:00Z', 'week', march)).toEqual({ from: '2026-03-30', until: '2026-04-01' })
  expect(bucketRange('2026-01-01T00:00:00Z', 'month', {})).toEqual({ from: '2026-01-01', until: '2026-02-01' })
  expect(bucketRange('2026-03-29T09:00:00Z', 'hour', march)).toEqual({ from: '2026-03-29T09:00:00Z', until: '2026-03-29T10:00:00.000Z' })
})

test('a bucket is cut at an instant as well', () => {
  const hour = { from: '2026-03-29T09:30:00.000Z', until: '2026-03-29T10:30:00.000Z' }
  expect(bucketRange('2026-03-29T00:00:00Z', 'day', hour)).toEqual(hour)
  expect(bucketRange('2026-03-29T10:00:00Z', 'hour', hour)).toEqual({ from: '2026-03-29T10:00:00Z', until: '2026-03-29T10:30:00.000Z' })
  expect(bucketRange('2026-03-29T00:00:00+05:45', 'day', { from: '2026-03-28T10:00:00.000Z', until: '2026-03-30T10:00:00.000Z' }))
    .toEqual({ from: '2026-03-29', until: '2026-03-30' })
})

test('what was compared with is what the API says', () => {
  const february = { from: '2026-02-01T00:00:00-05:00', until: '2026-03-01T00:00:00-05:00' }
  expect(comparedWith(february, { from: '2026-03-01', until: '2026-04-01' })).toEqual({ from: '2026-02-01', until: '2026-03-01' })
  expect(comparedWith(february, { from: '2026-03-01T05:00:00Z', until: '2026-04-01' })).toEqual(february)
})

test('a bucket is unfinished until its end in the zone', () => {
  const at = (text: string) => Date.parse(text)
  expect(unfinished('2026-03-31T00:00:00+02:00', 'day', at('2026-03-31T21:59:00Z'))).toBe(true)
  expect(unfinished('2026-03-31T00:00:00+02:00', 'day', at('2026-03-31T22:00:00Z'))).toBe(false)
  expect(unfinished('2026-03-30T00:00:00Z', 'week', at('2026-04-05T10:00:00Z'))).toBe(true)
  expect(unfinished('2026-03-31T09:00:00Z', 'hour', at('2026-03-31T10:00:00Z'))).toBe(false)
})
