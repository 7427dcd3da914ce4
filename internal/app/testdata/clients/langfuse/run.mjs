// Langfuse's libraries against BASE_URL: a trace with a generation, and scores, by the library that
// sends to the ingestion API, and a score by the newer one. Prints what was sent as one line of JSON.
import { randomUUID } from 'node:crypto'
import { LangfuseClient } from '@langfuse/client'
import { Langfuse } from 'langfuse'

const run = randomUUID()
const failures = []
const keys = { publicKey: process.env.WRITE_KEY, secretKey: 'sk-lf-none', baseUrl: process.env.BASE_URL }
const userId = `user-${run}`
const conversationId = `conversation-${run}`

const langfuse = new Langfuse(keys)
langfuse.on('error', (error) => failures.push(String(error)))
const trace = langfuse.trace({ id: `trace-${run}`, name: 'support', userId, sessionId: conversationId, input: 'How warm is it?' })
const generation = trace.generation({ name: 'answer', model: 'model-large', input: [{ role: 'user', content: 'How warm is it?' }] })
generation.end({ output: { role: 'assistant', content: 'It is 11 degrees.' }, usageDetails: { input: 12, input_cached_tokens: 8, output: 5 } })
trace.update({ output: 'It is 11 degrees.' })
trace.score({ name: 'user-feedback', value: 1, comment: 'warm enough' })
await langfuse.shutdownAsync()

const client = new LangfuseClient(keys)
client.score.create({ traceId: `trace-${run}`, name: 'correctness', value: 0.75, dataType: 'NUMERIC' })
await client.score.flush()
await client.score.shutdown()

console.log(JSON.stringify({ runId: run, userId, conversationId, traceId: `trace-${run}`, expected: 4, failures }))
