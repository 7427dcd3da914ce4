import { expect, test } from 'vitest'
import type { MetricAnswer, SignalDefinition, SignalRates } from '../../api/types'
import { paired, worst } from './cards'

const definition = (name: string, weight: number) => ({ name, title: `The ${name}`, weight }) as SignalDefinition
const rate = (name: string, r: number) => ({ name, n: r * 100, rate: r, series: [] })

test('the worst signals are frequent and heavy; good ones are left out', () => {
  const rates = { of: 100, conversations: 100, signals: [rate('thanks', 0.5), rate('rephrase', 0.2), rate('rage', 0.15), rate('shrug', 0.3)] } as unknown as SignalRates
  const catalogue = [definition('thanks', 0.4), definition('rephrase', -0.5), definition('rage', -0.8), definition('shrug', 0)]
  expect(worst(rates, catalogue, 5).map((h) => h.name)).toEqual(['rage', 'rephrase'])
  expect(worst(rates, catalogue, 1)[0]).toEqual({ name: 'rage', title: 'The rage', n: 15, rate: 0.15 })
})

test('groups find their other figure by key, those without a key too', () => {
  const answer = (groups: unknown[]) => ({ groups }) as MetricAnswer
  const rows = paired(
    answer([{ keys: ['t1'], label: 'charts', value: 9, series: [{ value: 4 }, { value: 5 }] }, { keys: [null], value: 2 }]),
    answer([{ keys: [null], value: 0.3 }, { keys: ['t1'], value: 0.7 }]),
  )
  expect(rows).toEqual([
    { key: 't1', label: 'charts', value: 9, other: 0.7, trend: [4, 5] },
    { key: null, label: undefined, value: 2, other: 0.3, trend: [] },
  ])
})
