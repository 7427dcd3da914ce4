import type { Funnel, FunnelStep, Paths } from '../../api/types'
import type { Bin } from '../../charts/distribution'
import type { TableRow } from '../../charts/Figure'
import { count, duration, none, percent } from '../../format/number'

/** A bar of a funnel: how far of the first step's it reaches, and the interval of that. */
export interface StepBar {
  step: FunnelStep
  number: number
  share: number // 0 to 1
  low: number
  high: number
  dropped: number // reached the step before and not this one
}

export function stepBars(steps: readonly FunnelStep[]): StepBar[] {
  return steps.map((step, i) => ({
    step, number: i + 1, share: step.rate_from_first ?? 0, low: step.interval?.[0] ?? 0, high: step.interval?.[1] ?? 0,
    dropped: i > 0 ? (steps[i - 1]?.n ?? 0) - step.n : 0,
  }))
}

export const funnelHead = ['Step', 'Reached', 'Of the first', 'At least', 'At most', 'Of the step before', 'Dropped', 'Median ms']

/** The funnel as rows of a table. */
export function funnelRows(funnel: Pick<Funnel, 'steps'>, href: (step: number) => string): TableRow[] {
  return stepBars(funnel.steps).map((b) => ({
    cells: [`${b.number}. ${b.step.name}`, b.step.n, b.step.rate_from_first, b.step.interval?.[0] ?? null, b.step.interval?.[1] ?? null, b.step.rate_from_previous, b.dropped, b.step.median_ms_from_previous],
    shown: [`${b.number}. ${b.step.name}`, count(b.step.n), rate(b.step.rate_from_first), rate(b.step.interval?.[0] ?? null), rate(b.step.interval?.[1] ?? null), rate(b.step.rate_from_previous), count(b.dropped), took(b.step.median_ms_from_previous)],
    href: href(b.number),
  }))
}

export const rate = (value: number | null) => (value === null ? none : percent(value))
export const took = (ms: number | null) => (ms === null ? none : duration(ms))

/** Words for a node of paths. */
export function nodeLabel(node: Paths['nodes'][number]): string {
  if (node.name !== null) return node.label ?? node.name
  switch (node.kind) {
    case 'topic': return 'No topic'
    case 'outcome': return 'No outcome yet'
    case 'conversion': return 'Converted'
    case 'more': return 'Goes on'
    case 'other': return 'Other'
    case 'start': return 'Start'
    case 'end': return 'End'
    default: return node.kind
  }
}

/** The links of paths as rows of a table, the most frequent first. */
export function pathRows(paths: Paths): TableRow[] {
  const nodes = new Map(paths.nodes.map((n) => [n.id, n]))
  const label = (id: string) => {
    const node = nodes.get(id)
    return node ? nodeLabel(node) : id
  }
  return [...paths.links].sort((a, b) => a.step - b.step || b.n - a.n).map((l) => ({
    cells: [l.step + 1, label(l.from), label(l.to), l.n], shown: [String(l.step + 1), label(l.from), label(l.to), count(l.n)],
  }))
}

/** A distribution as rows of a table. */
export const spreadRows = (bins: readonly Bin[], href: (b: Bin) => string) => bins.map((b) => ({
  cells: [`${b.value}${b.andMore ? '+' : ''}`, b.n, b.share, b.cumulative],
  shown: [`${b.value}${b.andMore ? ' or more' : ''}`, count(b.n), percent(b.share), percent(b.cumulative)], href: href(b),
}))
