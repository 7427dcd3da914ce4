// The page: a chat whose answers may be components. It tells the server what people do; the server tells Debrief.

const user = { anonymousId: stored('anonymousId', () => crypto.randomUUID()), userId: localStorage.getItem('userId') ?? '' }
let conversationId = crypto.randomUUID()

const chat = document.querySelector('#chat')
const signin = document.querySelector('#signin')
signin.user.value = user.userId

function stored(name, make) {
  const value = localStorage.getItem(name) ?? make()
  localStorage.setItem(name, value)
  return value
}

async function post(path, body) {
  const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ user, conversationId, ...body }) })
  return answer.json()
}

function element(tag, attributes, ...children) {
  const made = Object.assign(document.createElement(tag), attributes)
  made.append(...children)
  return made
}

function button(text, press) {
  const made = element('button', { type: 'button', textContent: text })
  made.onclick = async () => {
    made.disabled = true
    await press()
  }
  return made
}

const components = {
  stocks: ({ stocks }) => stocks.map((symbol) => button(symbol, () => say(symbol))),
  stock: ({ symbol, price }) => [element('strong', { textContent: `${symbol} $${price}` }), button(`Buy ${symbol}`, () => say(`Buy 1 ${symbol}`))],
  purchase: ({ symbol, amount, price }) => [
    button(`Confirm ${amount} ${symbol} for $${(amount * price).toFixed(2)}`, async () => {
      const { bought } = await post('/api/buy', { symbol, amount, price })
      chat.append(element('div', { className: 'agent' }, `You own ${bought} now.`))
    }),
  ],
}

async function say(text) {
  chat.append(element('div', { className: 'user', textContent: text }))
  const reply = await post('/api/chat', { text })
  const bubble = element('div', { className: 'agent' }, element('p', { textContent: reply.text }))
  if (reply.component) bubble.append(element('div', { className: 'component' }, ...components[reply.component.type](reply.component)))
  if (reply.media) bubble.append(element('div', { className: 'component', role: 'img', ariaLabel: reply.text, textContent: '▁▂▂▄▅▄▆' }))
  const rate = (rating) => () => post('/api/rate', { messageId: reply.messageId, rating })
  bubble.append(element('div', { className: 'rate' }, button('👍', rate(1)), button('👎', rate(0))))
  chat.append(bubble)
  bubble.scrollIntoView()
}

document.querySelector('#prompt').onsubmit = async (event) => {
  event.preventDefault()
  const input = event.target.text
  const text = input.value.trim()
  input.value = ''
  if (text) await say(text)
}

signin.onsubmit = async (event) => {
  event.preventDefault()
  user.userId = signin.user.value.trim()
  localStorage.setItem('userId', user.userId)
  await post('/api/signin', { plan: 'free' })
}

document.querySelector('#new').onclick = async () => {
  await post('/api/end', {})
  conversationId = crypto.randomUUID()
  chat.replaceChildren()
}
