import type { Event } from '../../api/types'
import { count, dollars, duration } from '../../format/number'

/** The model of a call: that which answered, and that which was asked when it is another one. */
export function modelOf(e: Event): string {
  return e.response_model || e.request_model || e.provider || 'Unknown model'
}

/** What became of a call, when it is not simply an answer. */
export function outcomeOf(e: Event): { text: string; bad: boolean } | undefined {
  switch (e.action) {
    case 'failed': return { text: ['failed', e.error_type].filter(Boolean).join(': '), bad: true }
    case 'cancelled': return { text: e.inferred ? 'cancelled (inferred: it ended without an answer)' : 'cancelled', bad: false }
  }
  if (e.error_type) return { text: e.error_type, bad: true }
  if (e.finish_reason && e.finish_reason !== 'stop') return { text: { tool_call: 'asked for a tool', length: 'cut at the limit of its length', content_filter: 'stopped by a filter' }[e.finish_reason] ?? e.finish_reason, bad: false }
  return undefined
}

/** The figures of a call that are known, as short phrases. */
export function figuresOf(e: Event): string[] {
  const parts = [
    e.cache_read_tokens ? `${count(e.cache_read_tokens)} cached` : '',
    e.cache_write_tokens ? `${count(e.cache_write_tokens)} written to the cache` : '',
  ].filter(Boolean).join(', ')
  const tokens = e.input_tokens === undefined && e.output_tokens === undefined ? ''
    : `${number(e.input_tokens)} tokens in${parts ? ` (${parts})` : ''}, ${number(e.output_tokens)} out${e.reasoning_tokens ? ` (${count(e.reasoning_tokens)} reasoning)` : ''}`
  return [
    tokens,
    e.cost_usd === undefined ? '' : `${dollars(e.cost_usd)}${e.cost_source ? ` ${e.cost_source}` : ''}`,
    e.latency_ms === undefined ? '' : duration(e.latency_ms),
    e.ttft_ms === undefined ? '' : `first token after ${duration(e.ttft_ms)}`,
  ].filter(Boolean)
}

const number = (n: number | undefined) => (n === undefined ? '?' : count(n))
