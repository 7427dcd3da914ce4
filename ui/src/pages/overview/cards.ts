import type { MetricAnswer, SignalDefinition, SignalRates } from '../../api/types'

/** One signal of the list of those that hurt most. */
export interface Hurt {
  name: string
  title: string
  n: number
  rate: number
}

/** Signals that speak against the copilot, those that weigh most over all conversations first. */
export function worst(rates: SignalRates, catalogue: readonly SignalDefinition[], most: number): Hurt[] {
  const known = new Map(catalogue.map((s) => [s.name, s]))
  const harm = (h: { name: string; rate: number }) => h.rate * -(known.get(h.name)?.weight ?? 0)
  return rates.signals
    .filter((s) => (known.get(s.name)?.weight ?? 0) < 0)
    .sort((a, b) => harm(b) - harm(a))
    .slice(0, most)
    .map((s) => ({ name: s.name, title: known.get(s.name)?.title ?? s.name, n: s.n, rate: s.rate }))
}

/** A group of one answer with its value in another, by their keys. */
export interface Paired {
  key: string | null
  label: string | undefined
  value: number
  other: number | null
  trend: readonly (number | null)[]
}

/** The groups of an answer, each with what another answer says of the same key. */
export function paired(first: MetricAnswer, second: MetricAnswer | undefined): Paired[] {
  const others = new Map(second?.groups.map((g) => [g.keys[0], g.value]))
  return first.groups.map((g) => ({
    key: g.keys[0] ?? null, label: g.label, value: g.value ?? 0, other: others.get(g.keys[0] ?? null) ?? null,
    trend: g.series?.map((p) => p.value) ?? [],
  }))
}
