import { expect, test } from 'vitest'
import { bytes, change, duration, figure, percent, plural, difference, differences } from './number'
import { ago, bucketLabel, dateTime, preciseTime, rangeLabel, zoneLabel } from './time'

test('durations name the two largest units', () => {
  const f = (ms: number, want: string) => expect(duration(ms)).toBe(want)
  f(0, '0 ms')
  f(0.4, '<1 ms')
  f(240, '240 ms')
  f(1_840, '1.8 s')
  f(42_000, '42 s')
  f(59_970, '1 min')
  f(60_000, '1 min')
  f(192_000, '3 min 12 s')
  f(3_600_000, '1 h')
  f(93_600_000, '1 d 2 h')
  f(-1_500, '−1.5 s')
})

test('figures follow their unit; nothing is a dash, not a zero', () => {
  expect(figure(null, 'count')).toBe('–')
  expect(figure(0, 'count')).toBe('0')
  expect(figure(3214, 'count')).toBe('3,214')
  expect(figure(12_400, 'count')).toBe('12.4K')
  expect(figure(4.5, 'count')).toBe('4.5')
  expect(figure(1234.5, 'usd')).toBe('$1,234.50')
  expect(figure(0.00234, 'usd')).toBe('$0.0023')
  expect(figure(0, 'usd')).toBe('$0.00')
  expect(figure(0.713, 'score')).toBe('71.3')
  expect(figure(0.12, 'ratio')).toBe('12 %')
  expect(figure(0.0123, 'ratio')).toBe('1.2 %')
  expect(figure(1840, 'ms')).toBe('1.8 s')
  expect(percent(1)).toBe('100 %')
})

test('a change is good or bad by what the metric is', () => {
  expect(change(0.2, 'up')).toEqual({ text: '20 %', direction: 'up', good: true })
  expect(change(0.2, 'down')).toEqual({ text: '20 %', direction: 'up', good: false })
  expect(change(-0.031, 'none')).toEqual({ text: '3 %', direction: 'down', good: null })
  expect(change(0.001, 'up')).toEqual({ text: '0 %', direction: 'same', good: null })
  expect(change(14, 'up')?.text).toBe('×15')
  expect(change(null, 'up')).toBeNull()
})

test('times are those of the zone', () => {
  const at = '2026-03-31T23:30:05.120Z'
  const now = new Date('2026-04-01T00:00:00Z')
  expect(dateTime(at, 'UTC', now)).toBe('31 Mar, 23:30')
  expect(dateTime(at, 'Europe/Paris', now)).toBe('1 Apr, 01:30')
  expect(dateTime('2025-12-31T08:00:00Z', 'UTC', now)).toBe('31 Dec 2025, 08:00')
  expect(dateTime('2026-09-05T08:00:00Z', 'UTC', now)).toBe('5 Sep, 08:00')
  expect(preciseTime(at, 'UTC')).toBe('23:30:05.120')
  expect(ago('2026-03-31T23:57:00Z', 'UTC', now)).toBe('3 min ago')
  expect(bucketLabel('2026-03-30T22:00:00Z', 'day', 'Europe/Paris')).toBe('Tue 31 Mar')
  expect(bucketLabel('2026-03-30T00:00:00Z', 'week', 'UTC')).toBe('Week of 30 Mar')
  expect(zoneLabel('Europe/Paris', now)).toBe('Europe/Paris (GMT+2)')
  expect(zoneLabel('UTC', now)).toBe('UTC')
})

test('a range of days is named with its last day included', () => {
  expect(rangeLabel({ preset: '7d' }, 'UTC')).toBe('Last 7 days')
  expect(rangeLabel({ from: '2026-03-01', until: '2026-04-01' }, 'UTC')).toBe('1 Mar – 31 Mar 2026')
  expect(rangeLabel({ from: '2025-12-30', until: '2026-01-02' }, 'UTC')).toBe('30 Dec 2025 – 1 Jan 2026')
  expect(rangeLabel({ from: '2026-03-01', until: '2026-03-02' }, 'UTC')).toBe('1 Mar 2026')
})

test('sizes and counts of things', () => {
  expect(bytes(14_400_000)).toBe('14.4 MB')
  expect(plural(1, 'conversation')).toBe('1 conversation')
  expect(plural(3214, 'person', 'people')).toBe('3,214 people')
})

test('differences have a sign, and shares differ by points', () => {
  expect(difference(0.042, 'ratio')).toBe('+4.2 pts')
  expect(difference(-0.15, 'score')).toBe('−15')
  expect(difference(-1500, 'ms')).toBe('−1.5 s')
  expect(difference(0, 'ratio')).toBe('±0 pts')
  expect(difference(null, 'ratio')).toBe('–')
  expect(differences([-0.041, 0.02], 'ratio')).toBe('−4.1 to +2 pts')
  expect(differences(null, 'ratio')).toBe('–')
})
