// PostHog's libraries against BASE_URL: identify, capture, alias, group, and model calls through the
// wrapper of a model client, whose server is a stand-in. Prints what was sent as one line of JSON.
import { createServer } from 'node:http'
import { randomUUID } from 'node:crypto'
import { OpenAI } from '@posthog/ai/openai'
import { PostHog } from 'posthog-node'

const run = randomUUID()
const answers = ['It is 11 degrees.', 'Take a coat.']
let asked = 0
const model = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.setHeader('content-type', 'application/json')
    if (asked === answers.length) {
      response.statusCode = 400
      response.end(JSON.stringify({ error: { type: 'invalid_request_error', code: 'too_long', message: 'too many tokens' } }))
      return
    }
    response.end(
      JSON.stringify({
        id: `chatcmpl-${run}-${asked}`,
        object: 'chat.completion',
        created: 1,
        model: 'model-large-1',
        choices: [{ index: 0, message: { role: 'assistant', content: answers[asked++] }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25, prompt_tokens_details: { cached_tokens: 8 } },
      }),
    )
  })
})
await new Promise((done) => model.listen(0, '127.0.0.1', done))

const failures = []
const posthog = new PostHog(process.env.WRITE_KEY, { host: process.env.BASE_URL })
posthog.on('error', (error) => failures.push(String(error)))
const userId = `user-${run}`
const conversationId = `conversation-${run}`
posthog.identify({ distinctId: userId, properties: { plan: 'pro' } })
posthog.alias({ distinctId: userId, alias: `device-${run}` })
posthog.groupIdentify({ groupType: 'company', groupKey: `company-${run}`, properties: { size: 3 } })
posthog.capture({ distinctId: userId, event: 'Order Placed', properties: { value: 12.5 } })
const flag = await posthog.isFeatureEnabled('new-answers', userId)

const openai = new OpenAI({ apiKey: 'none', baseURL: `http://127.0.0.1:${model.address().port}`, posthog, maxRetries: 0 })
const messages = [{ role: 'system', content: 'Answer briefly.' }]
for (const question of ['How warm is it?', 'What shall I wear?', 'And tomorrow?']) {
  await new Promise((resolve) => setTimeout(resolve, 50)) // people think before they ask: the library's clock has milliseconds
  messages.push({ role: 'user', content: question })
  try {
    const answer = await openai.chat.completions.create({
      model: 'model-large',
      messages,
      posthogDistinctId: userId,
      posthogTraceId: `trace-${run}-${messages.length}`,
      posthogProperties: { conversation_id: conversationId },
    })
    messages.push(answer.choices[0].message)
  } catch {
    // the third fails by intent
  }
}
await posthog.shutdown()
model.close()
console.log(JSON.stringify({ runId: run, userId, conversationId, expected: 7, flag: flag ?? null, failures, ok: failures.length === 0 }))
process.exit(failures.length === 0 ? 0 : 1)
