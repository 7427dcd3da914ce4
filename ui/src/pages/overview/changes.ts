import type { Changes } from '../../api/types'
import { difference, differences, figure } from '../../format/number'

/** What "what changed" can be asked of; the API takes any share, mean or number. */
export const choices = [
  { value: 'overall_satisfaction', label: 'Satisfaction' },
  { value: 'resolved_rate', label: 'Resolved' },
  { value: 'conversion_rate', label: 'Conversion' },
  { value: 'first_response_time', label: 'First response' },
  { value: 'cost_per_conversation', label: 'Cost per conversation' },
  { value: 'conversations', label: 'Conversations' },
] as const

/** What is compared with what, for the head of the card. */
export function against(changes: Changes | undefined | null): string {
  return changes?.against === 'first_half' ? 'second half against the first: nothing came in the period before' : 'against the period before'
}

/** The whole change in one sentence, with how sure it is. */
export function summary({ metric, previous, total, change, interval }: Changes): string {
  if (change === null) return `${metric.title} cannot be compared: nothing to measure in one of the two periods. Choose a shorter range, or wait for more conversations.`
  const was = `${metric.title} went from ${figure(previous.rate, metric.unit)} to ${figure(total.rate, metric.unit)}`
  if (!interval) return `${was} (${difference(change, metric.unit)}).`
  const certain = (interval[0] ?? 0) > 0 || (interval[1] ?? 0) < 0
  return `${was} (${difference(change, metric.unit)}; 95 %: ${differences(interval, metric.unit)}${certain ? '' : ', which may be chance'}).`
}
