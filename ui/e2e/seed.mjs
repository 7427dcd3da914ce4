// What the suites of traces and plans send: a conversation told by OpenTelemetry alone, and calls of a client that
// deviate from their plan.
import { randomBytes } from 'node:crypto'
import { until } from './harness.mjs'

const attributes = (values) => Object.entries(values).map(([key, v]) => ({
  key, value: typeof v === 'number' ? (Number.isInteger(v) ? { intValue: String(v) } : { doubleValue: v }) : { stringValue: typeof v === 'string' ? v : JSON.stringify(v) },
}))

const nanos = (ms) => `${BigInt(Math.round(ms * 1000)) * 1000n}`
const text = (role, content) => ({ role, parts: [{ type: 'text', content }] })

/** Spans of one trace, given as [name, parent's place in the list, start in ms, length in ms, attributes, error]. */
function trace(at, spans) {
  const traceId = randomBytes(16).toString('hex')
  const ids = spans.map(() => randomBytes(8).toString('hex'))
  return spans.map(([name, parent, start, length, values, error], i) => ({
    traceId, spanId: ids[i], parentSpanId: parent === null ? '' : ids[parent], name, kind: 1,
    startTimeUnixNano: nanos(at + start), endTimeUnixNano: nanos(at + start + length), attributes: attributes(values),
    status: error ? { code: 2, message: error } : {},
  }))
}

/** Sends a conversation of three turns as traces: one answered after a tool failed, one that failed, one plain. Resolves when they are read. */
export async function sendTraces(server, conversation) {
  const base = { 'gen_ai.conversation.id': conversation, 'gen_ai.provider.name': 'openai', 'user.id': 'tracer' }
  const chat = (more) => ({ ...base, 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5-mini', ...more })
  const now = Date.now() - 60_000
  const question = text('user', 'Is SKU-7 in stock, and can you ship it?')
  const spans = [
    ...trace(now, [
      ['invoke_agent shop', null, 0, 900, { ...base, 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'shop' }],
      ['chat gpt-5-mini', 0, 5, 380, chat({
        'gen_ai.response.id': 'resp-a1', 'gen_ai.response.model': 'gpt-5-mini', 'gen_ai.usage.input_tokens': 30, 'gen_ai.usage.output_tokens': 7, 'gen_ai.response.finish_reasons': ['tool_calls'],
        'gen_ai.input.messages': [question], 'gen_ai.output.messages': [{ role: 'assistant', parts: [{ type: 'tool_call', id: 'c1', name: 'ship_order', arguments: { sku: 'SKU-7' } }], finish_reason: 'tool_call' }],
      })],
      ['execute_tool ship_order', 0, 400, 120, { ...base, 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'ship_order', 'gen_ai.tool.call.id': 'c1', 'gen_ai.tool.call.arguments': { sku: 'SKU-7' }, 'gen_ai.tool.call.result': { level: 42 }, 'error.type': 'timeout' }, 'carrier timeout'],
      ['chat gpt-5-mini', 0, 540, 350, chat({
        'gen_ai.response.id': 'resp-a2', 'gen_ai.response.model': 'gpt-5-mini', 'gen_ai.usage.input_tokens': 1200, 'gen_ai.usage.output_tokens': 90, 'gen_ai.usage.cache_read.input_tokens': 800, 'gen_ai.usage.reasoning.output_tokens': 40,
        'gen_ai.response.time_to_first_chunk': 0.12, 'gen_ai.input.messages': [question], 'gen_ai.output.messages': [{ ...text('assistant', 'There are 42 left; the carrier did not answer.'), finish_reason: 'stop' }],
      })],
      ['GET /stock', 2, 410, 60, { 'http.request.method': 'GET' }],
    ]),
    ...trace(now + 8000, [
      ['invoke_agent shop', null, 0, 60, { ...base, 'gen_ai.operation.name': 'invoke_agent' }, 'upstream 500'],
      ['chat gpt-5-mini', 0, 5, 40, chat({ 'error.type': 'server_error', 'gen_ai.input.messages': [text('user', 'And tomorrow?')] }), 'upstream 500'],
    ]),
  ]
  const { sources } = await server.api('sources')
  const sent = await fetch(`${server.base}/v1/traces`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${sources[0].write_keys[0]}` },
    body: JSON.stringify({ resourceSpans: [{ resource: { attributes: attributes({ 'service.name': 'shop' }) }, scopeSpans: [{ scope: { name: 'e2e' }, spans }] }] }),
  })
  if (!sent.ok) throw new Error(`traces: ${sent.status} ${await sent.text()}`)
  await until('the traces are read', async () => {
    const { conversations } = await server.api('conversations')
    const found = conversations.find((c) => c.conversation_id === conversation)
    return found?.messages === 3 && found.model_calls === 3
  })
  return spans
}

export const planText = `name: shop
description: What the shop's copilot sends.
events:
  - name: Message Sent
    description: The user sends a message.
    schema:
      type: object
      required: [conversationId, messageId, message_body]
      properties:
        conversationId: {type: string, minLength: 1}
        messageId: {type: string}
        message_body: {type: string}
      additionalProperties: true
  - name: Order Placed
    description: An order that came out of a conversation.
    labels: {team: checkout}
    schema:
      type: object
      required: [conversationId, total]
      properties:
        conversationId: {type: string, minLength: 1}
        total: {type: number, minimum: 0, description: In USD.}
        coupon: {enum: [SPRING, AUTUMN]}
        items:
          type: array
          items:
            type: object
            required: [sku]
            properties:
              sku: {type: string, description: Of the warehouse.}
`

export const call = (event, id, properties) => ({ type: 'track', event, userId: 'planner', messageId: `ui-plans-call-${id}`, properties: { conversationId: 'planned-1', ...properties } })

/** Makes the plan, lets the first source follow it and quarantine violations, and sends what deviates. */
export async function sendDeviations(server) {
  const { sources } = await server.api('sources')
  await server.fetch('plans', { method: 'POST', body: JSON.stringify({ text: planText, note: 'to begin with' }) })
  await server.fetch(`sources/${sources[0].id}/plan`, { method: 'PUT', body: JSON.stringify({ plan: 'shop', version: 'latest', enforcement: { track: { violations: 'quarantine' } } }) })
  await server.send([
    call('Message Sent', 'sent', { messageId: 'm1', message_body: 'I take two of them' }),
    call('Order Placed', 'fine', { total: 12.5, coupon: 'SPRING', items: [{ sku: 'a' }] }),
    ...[1, 2, 3].map((n) => call('Order Placed', `text-total-${n}`, { total: '12.50' })),
    call('Order Placed', 'no-total', {}),
    call('Order Planed', 'unplanned', { total: 1 }),
    { type: 'track', userId: 'planner', messageId: 'ui-plans-call-refused' },
  ])
  await until('the deviations are held', async () => {
    const [{ total }, { violations }] = await Promise.all([server.api('quarantine/summary'), server.api('violations')])
    return total === 4 && violations.length === 3
  })
}
