import type { EffectRow, Metric, MetricAnswer } from '../../api/types'
import { fieldExists, type Filter } from '../../state/filter'

/** What an effect can be asked on; the API takes any share or mean of conversations. */
export const outcomes = [
  { value: 'resolved', label: 'Resolved' },
  { value: 'converted', label: 'Conversion' },
  { value: 'satisfaction', label: 'Satisfaction' },
  { value: 'failed_rate', label: 'Failed' },
  { value: 'abandoned_rate', label: 'Abandoned' },
  { value: 'first_response_time', label: 'First response' },
  { value: 'cost_per_conversation', label: 'Cost' },
] as const

const ended = ['resolved', 'converted', 'failed', 'abandoned', 'escalated']

/** The conversations that a metric can be measured of: those that a group's size counts. */
export function measured(metric: string): Filter[] {
  switch (metric) {
    case 'resolved_rate': case 'failed_rate': case 'abandoned_rate': case 'escalated_rate':
      return [{ field: 'outcome', op: 'eq', values: ended, not: false }]
    case 'overall_satisfaction': return [fieldExists('satisfaction')]
    case 'satisfaction': return [fieldExists('score')]
    case 'first_response_time': return [fieldExists('first_response_ms')]
    case 'duration': return [fieldExists('duration_ms')]
    case 'cost_per_conversation': return [fieldExists('cost_usd')]
    case 'negative_sentiment_rate': return [fieldExists('sentiment')]
    case 'dissatisfied_rate': case 'rephrase_rate': case 'injection_attempt_rate': return [fieldExists('analysis_version')]
    default: return []
  }
}

/** What people call permission answers. */
export const answers: Readonly<Record<string, string>> = {
  allow_once: 'Allowed once', allow_always: 'Allowed always', deny_once: 'Denied once', deny_always: 'Denied always',
}

/** Whether a verdict is good news. */
export function toneOf(verdict: EffectRow['verdict'], better: Metric['better']): 'good' | 'bad' | '' {
  if (verdict === 'unclear' || better === 'none') return ''
  return (verdict === 'higher') === (better === 'up') ? 'good' : 'bad'
}

/** A verdict in words. */
export function verdictText(row: EffectRow): string {
  if (row.small) return 'too few'
  return { higher: 'higher', lower: 'lower', unclear: 'no clear difference' }[row.verdict]
}

export interface ToolRow {
  tool: string
  calls: number
  latency: number | null
  failures: number | null
  allowed: number | null
  asked: number
}

/** Puts the breakdowns of several metrics by tool together, the most called first. */
export function toolTable(calls: MetricAnswer, latency: MetricAnswer, failures: MetricAnswer, allowed: MetricAnswer): ToolRow[] {
  const by = (answer: MetricAnswer) => new Map(answer.groups.map((g) => [g.keys[0] ?? null, g]))
  const [called, took, failed, let_] = [by(calls), by(latency), by(failures), by(allowed)]
  const names = new Set([...called.keys(), ...let_.keys()].filter((k): k is string => k !== null))
  return [...names].map((tool) => ({
    tool, calls: called.get(tool)?.value ?? 0, latency: took.get(tool)?.value ?? null, failures: failed.get(tool)?.value ?? null,
    allowed: let_.get(tool)?.value ?? null, asked: let_.get(tool)?.n ?? 0,
  }))
}
