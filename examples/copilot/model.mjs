// The model: a script, so that the example runs without a network and says the same each time. A real copilot
// asks a language model here, with profile.prompt in its system message.

const prices = { AAPL: 232.5, MSFT: 471.2, TSLA: 351.8, NVDA: 142.4, TWLO: 118.9 }

/**
 * Answers one message.
 * @param {string} text what the user wrote
 * @param {{traits: Record<string, unknown>, prompt: string}} profile what is known of the user
 * @returns {{text: string, component?: {type: string}, media?: {type: string, sub_type: string}, tool?: {type: string, action: string}}}
 *   with the component that shows the answer, the picture that was made, and the tool that was asked, if there are
 */
export function answer(text, profile) {
  const symbol = Object.keys(prices).find((s) => new RegExp(`\\b${s}\\b`, 'i').test(text))
  if (/\b(buy|purchase)\b/i.test(text)) {
    if (!symbol) return { text: `Which stock would you like to buy? I know ${Object.keys(prices).join(', ')}.` }
    const amount = Number(/\d+/.exec(text)?.[0] ?? 1)
    return { text: `Here is your order for ${amount} ${symbol}.`, component: { type: 'purchase', symbol, amount, price: prices[symbol] } }
  }
  if (/\b(trending|list|stocks|market)\b/i.test(text)) {
    return { text: 'These are the stocks that people watch today.', component: { type: 'stocks', stocks: Object.keys(prices) } }
  }
  if (symbol && /\b(chart|draw|picture)\b/i.test(text)) {
    return { text: `Here is how ${symbol} did this week.`, media: { type: 'image', sub_type: 'chart' }, tool: { type: 'api', action: 'get_history' } }
  }
  if (symbol) {
    return { tool: { type: 'api', action: 'get_price' }, text: `${symbol} is at $${prices[symbol].toFixed(2)}.`, component: { type: 'stock', symbol, price: prices[symbol] } }
  }
  if (/\b(hi|hello|hey)\b/i.test(text)) return { text: greeting(profile) }
  return { text: 'I am sorry, I can only help with stocks: ask for a price, for what is trending, or say what to buy.' }
}

function greeting({ traits }) {
  const favourite = traits.favourite_stock
  return favourite ? `Welcome back! Shall we look at ${favourite} again?` : 'Hello! Ask me about a stock.'
}
