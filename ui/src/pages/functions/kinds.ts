import type { CodeFunction } from '../../api/types'

export type Kind = CodeFunction['kind']

/** What a kind of function is for, and code to begin with. */
export const kinds: Record<Kind, { title: string; does: string; code: string }> = {
  insert: {
    title: 'Insert function',
    does: 'Changes calls on their way to a destination, or keeps them from it.',
    code: `async function onTrack(event, settings) {
  if (event.properties.internal) throw new DropEvent('of our own staff')
  event.properties.checked = true
  return event
}

async function onIdentify(event, settings) {
  delete event.traits.phone
  return event
}
`,
  },
  source: {
    title: 'Source function',
    does: 'Takes webhooks of others at an address of its own, and makes calls of them.',
    code: `async function onRequest(request, settings) {
  const order = await request.json()
  Segment.track({
    event: 'Order Paid',
    userId: order.customer,
    messageId: \`shop-\${order.id}-paid\`,
    properties: { total: order.total, currency: order.currency },
  })
}
`,
  },
  destination: {
    title: 'Destination function',
    does: 'Delivers calls to a place that Debrief does not know.',
    code: `async function onTrack(event, settings) {
  let answer
  try {
    answer = await fetch(settings.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ id: event.messageId, what: event.event, who: event.userId }),
    })
  } catch (e) {
    throw new RetryError(e.message)
  }
  if (answer.status === 429 || answer.status >= 500) throw new RetryError(\`\${answer.status}\`)
  if (!answer.ok) throw new ValidationError(\`\${answer.status}\`)
}
`,
  },
}

/** The bounds of every run: docs/functions.md. */
export const limits: readonly (readonly [string, string])[] = [
  ['Time', '5 s for a call, or for a batch with onBatch, waiting included'],
  ['Memory', '64 MiB; the cache between runs 1 MiB'],
  ['Requests', '100 a run and 4 for each call after the first; answers of at most 4 MiB; public addresses unless the server opens others'],
  ['Webhook', 'a body of 512 KiB, and 1,000 calls made of it'],
  ['Console', '4 KiB a run'],
  ['Code', '100 KiB, 50 settings, 100 versions; ES2023 without modules, npm, Buffer and require'],
]

/** What happens to a call by what is thrown. */
export const thrown: readonly (readonly [string, string])[] = [
  ['RetryError, Timeout', 'is tried again'],
  ['DropEvent, or nothing returned', 'is dropped'],
  ['anything else', 'is given up, with this as reason'],
]
