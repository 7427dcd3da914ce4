import type { Event } from '../../api/types'
import { count, dollars, duration } from '../../format/number'

/** The model of a call: that which answered, and that which was asked when it is another one. */
export function modelOf(e: Event): string {
  return e.response_model || e.request_model || e.provider || 'Unknown model'
}

/** What became of a call, when it is not simply an answer, and how bad that is. */
export function outcomeOf(e: Event): { text: string; tone: 'bad' | 'warn' | '' } | undefined {
  switch (e.action) {
    case 'failed': return { text: ['failed', e.error_type].filter(Boolean).join(': '), tone: 'bad' }
    case 'cancelled': return { text: e.inferred ? 'cancelled (inferred: it ended without an answer)' : 'cancelled', tone: 'warn' }
  }
  if (e.error_type) return { text: e.error_type, tone: 'bad' }
  switch (e.finish_reason) {
    case undefined: case '': case 'stop': return undefined
    case 'tool_call': return { text: 'asked for a tool', tone: '' }
    case 'length': return { text: 'cut at the limit of its length', tone: 'warn' }
    case 'content_filter': return { text: 'stopped by a filter', tone: 'warn' }
    default: return { text: e.finish_reason, tone: '' }
  }
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
