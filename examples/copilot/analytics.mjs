// What the copilot tells Debrief: Segment's Node SDK with another host, and the events of the AI Copilot spec.
import { Analytics } from '@segment/analytics-node'

const analytics = new Analytics({
  host: process.env.DEBRIEF_URL ?? 'http://127.0.0.1:8080',
  writeKey: process.env.WRITE_KEY ?? '',
  flushAt: 1, // a message is seen at once; a busy copilot leaves this out
})
analytics.on('error', (error) => console.error('analytics:', error.code ?? error))

/** Whoever is signed in goes by userId; before that, and together with it, by the browser's anonymousId. */
function who(user) {
  return user.userId ? { userId: user.userId, anonymousId: user.anonymousId } : { anonymousId: user.anonymousId }
}

export function identified(user, traits) {
  analytics.identify({ ...who(user), traits })
}

export function conversationStarted(user, conversationId) {
  track(user, 'Conversation Started', { conversationId })
}

export function conversationEnded(user, conversationId, messageCount) {
  track(user, 'Conversation Ended', { conversationId, message_count: messageCount })
}

export function messageSent(user, { conversationId, messageId, text }) {
  track(user, 'Message Sent', { conversationId, messageId, message_body: text, role: 'customer' })
}

export function messageReceived(user, { conversationId, messageId, text }) {
  track(user, 'Message Received', { conversationId, messageId, message_body: text, role: 'agent' })
}

/** A component that the answer was made of: its type, and what it showed. */
export function componentLoaded(user, { conversationId, messageId, type, ...shown }) {
  track(user, 'Component Loaded', { conversationId, messageId, type, ...shown })
}

/** A tool that the copilot called for its answer. */
export function actionInvoked(user, { conversationId, messageId, type, action }) {
  track(user, 'Action Invoked', { conversationId, messageId, type, action, role: 'agent' })
}

/** A picture, a file or a sound that the copilot made. */
export function mediaGenerated(user, { conversationId, messageId, type, sub_type }) {
  track(user, 'Media Generated', { conversationId, messageId, type, sub_type })
}

export function feedbackSubmitted(user, { conversationId, messageId, rating }) {
  track(user, 'Feedback Submitted', { conversationId, messageId, rating, rating_scale: 'thumbs' })
}

/** What people do with a component is an event of the business. */
export function stockPurchased(user, { conversationId, symbol, amount, price }) {
  track(user, 'Stock Purchased', { conversationId, symbol, amount, price, total: amount * price })
}

function track(user, event, properties) {
  analytics.track({ ...who(user), event, properties })
}

/** Resolves when everything was sent. */
export function flushed() {
  return analytics.closeAndFlush({ timeout: 5000 })
}
