// The copilot's server: a page, and three routes that answer, sell and sign in. Everything that happens is told
// by analytics.mjs; everything that is known of the user comes from profile.mjs.
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import * as analytics from './analytics.mjs'
import { answer } from './model.mjs'
import { profileOf } from './profile.mjs'

const files = { '/': ['index.html', 'text/html'], '/app.mjs': ['app.mjs', 'text/javascript'], '/style.css': ['style.css', 'text/css'] }
const conversations = new Map() // conversation id -> messages so far

const routes = {
  async '/api/chat'({ user, conversationId, text }) {
    if (!conversations.has(conversationId)) {
      conversations.set(conversationId, 0)
      analytics.conversationStarted(user, conversationId)
    }
    analytics.messageSent(user, { conversationId, messageId: randomUUID(), text })
    const profile = await profileOf(user)
    const reply = { messageId: randomUUID(), prompt: profile.prompt, ...answer(text, profile) }
    analytics.messageReceived(user, { conversationId, ...reply })
    if (reply.tool) analytics.actionInvoked(user, { conversationId, messageId: reply.messageId, ...reply.tool })
    if (reply.media) analytics.mediaGenerated(user, { conversationId, messageId: reply.messageId, ...reply.media })
    if (reply.component) analytics.componentLoaded(user, { conversationId, messageId: reply.messageId, ...reply.component })
    conversations.set(conversationId, conversations.get(conversationId) + 2)
    return reply
  },
  '/api/buy'({ user, conversationId, symbol, amount, price }) {
    analytics.stockPurchased(user, { conversationId, symbol, amount, price })
    return { bought: `${amount} ${symbol}` }
  },
  '/api/rate'({ user, conversationId, messageId, rating }) {
    analytics.feedbackSubmitted(user, { conversationId, messageId, rating })
    return {}
  },
  '/api/end'({ user, conversationId }) {
    analytics.conversationEnded(user, conversationId, conversations.get(conversationId) ?? 0)
    return {}
  },
  '/api/signin'({ user, plan }) {
    analytics.identified(user, { plan })
    return {}
  },
}

const server = createServer(async (request, response) => {
  const send = (status, type, body) => response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(body)
  const { pathname } = new URL(request.url, 'http://localhost')
  try {
    if (request.method === 'GET' && files[pathname]) {
      const [name, type] = files[pathname]
      return send(200, type, await readFile(new URL(`public/${name}`, import.meta.url)))
    }
    if (request.method !== 'POST' || !routes[pathname]) return send(404, 'text/plain', 'not found')
    return send(200, 'application/json', JSON.stringify(await routes[pathname](await json(request))))
  } catch (error) {
    return send(400, 'application/json', JSON.stringify({ error: error.message }))
  }
})

async function json(request) {
  const parts = []
  let size = 0
  for await (const part of request) {
    if ((size += part.length) > 64 << 10) throw new Error('the request is too large')
    parts.push(part)
  }
  return JSON.parse(Buffer.concat(parts).toString())
}

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`copilot on http://127.0.0.1:${server.address().port}`)
})
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, async () => {
    server.close()
    await analytics.flushed()
    process.exit(0)
  })
}
