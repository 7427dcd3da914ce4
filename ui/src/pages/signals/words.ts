import type { SignalDefinition } from '../../api/types'

/** A weight as it is read: +0.4, −0.5, 0. */
export const weight = (w: number): string => (w === 0 ? '0' : `${w > 0 ? '+' : '−'}${Math.abs(w).toFixed(2).replace(/0$/, '')}`)

/** Which way a weight speaks, for colour beside the sign. */
export const tone = (w: number): 'good' | 'bad' | '' => (w > 0 ? 'good' : w < 0 ? 'bad' : '')

/** The rule with its thresholds as they are set. Names stand in it in braces. */
export function rule(signal: SignalDefinition, values: Readonly<Record<string, number>> = {}): string {
  return signal.rule.replaceAll(/\{(\w+)\}/g, (all, name: string) => {
    const threshold = signal.thresholds.find((t) => t.name === name)
    return threshold ? String(values[name] ?? threshold.value) : all
  })
}

/** What is known of a dimension. */
export const dimensions: Readonly<Record<string, string>> = {
  answer: 'quality of answers', suggestion: 'suggestions', trust: 'trust in the agent', tool: 'tools', latency: 'waiting', ui: 'user interface',
}

export const groups: Readonly<Record<string, string>> = { explicit: 'said', action: 'done', course: 'course', words: 'words' }

/** The fields that rates are broken down by, before others are typed. */
export const breakdowns = ['agent_id', 'model', 'topic', 'properties.prompt_version', 'agent_version', 'outcome', 'channel', 'source', 'language', 'tool_name', 'artifact_type', 'weekday']

/** The steps of an input that tunes a threshold: shares by hundredths, times and counts by ones. */
export const stepOf = (max: number): number => (max <= 1 ? 0.01 : max <= 20 ? 1 : max <= 600 ? 1 : 5)

/** The parameters of a preview, for what differs from what is set now. */
export function previewParams(signal: SignalDefinition, values: Readonly<Record<string, number>>, off: boolean): Record<string, string> {
  const out: Record<string, string> = {}
  for (const t of signal.thresholds) {
    const v = values[t.name] ?? t.value
    if (v !== t.default) out[`threshold.${t.name}`] = String(v)
  }
  if (off) out.off = 'true'
  return out
}

/** Whether the values are those that are set. */
export const same = (signal: SignalDefinition, values: Readonly<Record<string, number>>, off: boolean): boolean =>
  off === signal.off && signal.thresholds.every((t) => (values[t.name] ?? t.value) === t.value)

/** What remains of thresholds within their bounds; NaN is what is set. */
export const bounded = (value: number, t: SignalDefinition['thresholds'][number]): number =>
  Number.isNaN(value) ? t.value : Math.min(t.max, Math.max(t.min, value))
