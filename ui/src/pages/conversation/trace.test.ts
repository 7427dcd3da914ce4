import { expect, test } from 'vitest'
import type { Event } from '../../api/types'
import { figuresOf, outcomeOf } from './call'
import { questionsFirst, spanName, waterfall, weave } from './trace'
import { itemsOf } from './transcript'

let n = 0
const at = (ms: number) => new Date(Date.UTC(2026, 4, 1) + ms).toISOString()
const row = (more: Partial<Event>): Event => ({
  id: `e${n++}`, source: 's', vocabulary: 'otel', source_event: 'span', occurred_at: at(0), received_at: at(0), kind: 'generation', action: 'completed', trace_id: 't', ...more,
})

const agent = row({ id: 'agent', span_id: 'a', operation: 'agent', message_id: 'm-out', latency_ms: 100 })
const first = row({ id: 'first', span_id: 'b', parent_span_id: 'a', operation: 'chat', counts_usage: true, message_id: 'r1', finish_reason: 'tool_call', occurred_at: at(5), latency_ms: 40 })
const tool = row({ id: 'tool', span_id: 'c', parent_span_id: 'a', kind: 'tool', action: 'called', tool_name: 'ship', occurred_at: at(50), latency_ms: 10 })
const second = row({ id: 'second', span_id: 'd', parent_span_id: 'a', operation: 'chat', counts_usage: true, message_id: 'r2', occurred_at: at(60), latency_ms: 40 })
const record = row({ id: 'log', source_event: 'log', span_id: 'd', kind: 'product', action: 'traced', occurred_at: at(70) })
const question = row({ id: 'agent#in', kind: 'message', action: 'sent', role: 'user', derived_from: 'agent', message_id: 'm-in' })
const answer = row({ id: 'agent#out', kind: 'message', action: 'received', role: 'agent', derived_from: 'agent', message_id: 'm-out', occurred_at: at(100) })
const turn = [agent, question, first, tool, second, record, answer]

test('a call is shown with the message that it, or the span around it, made; the last one made it', () => {
  const { made, attached } = weave(turn)
  expect([...made].map(([message, call]) => [message, call.id])).toEqual([['agent#out', 'second']])
  expect([...attached]).toEqual(['second'])
})

test('a call names its message itself, whoever sent the message', () => {
  const own = row({ kind: 'message', role: 'agent', message_id: 'r1', trace_id: undefined })
  expect(weave([first, own]).made.get(own.id)?.id).toBe('first')
  expect(weave([{ ...first, action: 'failed' }, own]).made.size).toBe(0)
})

test('messages that a client sent and a trace repeats are known', () => {
  expect([...weave([row({ repairs: [{ code: 'merged_message', from: 'agent', to: 'm2' }] })]).sent]).toEqual(['m2'])
})

test('a transcript folds wrapping spans at the end of their turn', () => {
  const kinds = itemsOf(turn, (t) => t.slice(0, 10), [], weave(turn)).map((i) => (i.type === 'spans' ? `spans ${i.spans.length}` : i.type === 'day' || i.type === 'gap' ? i.type : `${i.type} ${i.event.id}`))
  expect(kinds).toEqual(['day', 'message agent#in', 'call first', 'note tool', 'message agent#out', 'spans 5'])
})

test('a question read off a call goes before all else of its instant, and the spans of its turn stay last', () => {
  const call = { ...first, occurred_at: at(0) }
  const events = questionsFirst([agent, call, question])
  expect(itemsOf(events, (t) => t.slice(0, 10), [], weave(events)).map((i) => i.type)).toEqual(['day', 'message', 'call', 'spans'])
  expect(questionsFirst([first, answer])).toEqual([first, answer])
})

test('spans stand under their parents, and records under their span', () => {
  expect(waterfall([record, second, tool, first, agent]).map((s) => [s.event.id, s.depth])).toEqual([['agent', 0], ['first', 1], ['tool', 1], ['second', 1], ['log', 2]])
  const [whole, part] = waterfall([agent, tool])
  expect([whole?.start, whole?.length, part?.start, part?.length]).toEqual([0, 1, 0.5, 0.1])
})

test('spans whose parent is missing, or which run in circles, are all shown', () => {
  const x = row({ span_id: 'x', parent_span_id: 'y' })
  const y = row({ span_id: 'y', parent_span_id: 'x' })
  const lost = row({ span_id: 'z', parent_span_id: 'gone' })
  expect(waterfall([x, y, lost])).toHaveLength(3)
  expect(spanName(row({ properties: { span_name: 'GET /stock' } as object as Event['properties'] }))).toBe('GET /stock')
})

test('a call says its tokens, cost and times, and nothing that is not known', () => {
  expect(figuresOf(row({}))).toEqual([])
  expect(figuresOf(row({ input_tokens: 1200, output_tokens: 90, cache_read_tokens: 800, reasoning_tokens: 40, cost_usd: 0.0003, cost_source: 'computed', latency_ms: 350, ttft_ms: 120 }))).toEqual([
    '1,200 tokens in (800 cached), 90 out (40 reasoning)', '$0.0003 computed', '350 ms', 'first token after 120 ms',
  ])
  expect(figuresOf(row({ output_tokens: 4 }))).toEqual(['? tokens in, 4 out'])
})

test('failures are bad, cancellations are not', () => {
  expect(outcomeOf(row({ action: 'failed', error_type: 'server_error' }))).toEqual({ text: 'failed: server_error', tone: 'bad' })
  expect(outcomeOf(row({ action: 'cancelled' }))?.tone).toBe('warn')
  expect(outcomeOf(row({ finish_reason: 'stop' }))).toBeUndefined()
})
