/** Code to copy, with this server and this source's write key in it. */
export interface Snippet {
  title: string
  code: string
}

export interface Tab {
  title: string
  intro: string
  snippets: Snippet[]
}

/** The ways to send events that work now. origin is where this server is reached, without a slash at the end. */
export function tabs(origin: string, key: string): Tab[] {
  return [
    { title: 'curl', intro: 'Two messages of one conversation, in one request. Paste it into a terminal.', snippets: [{ title: 'Terminal', code: curl(origin, key) }] },
    { title: 'Segment SDKs', intro: 'Keep the SDK and your calls; change the host.', snippets: [node(origin, key), browser(origin, key), html(origin, key), golang(origin, key), python(origin, key)] },
    { title: 'Screeb events', intro: 'Keep the calls of $screeb and change where the tag comes from; on the server, change host and key.', snippets: [{ title: 'Browser', code: tag(origin, key) }, { title: 'Server', code: screeb(origin, key) }] },
    { title: 'Unity', intro: 'Post what EditorAnalytics.SendAnalytic gets: the name and the data class.', snippets: [{ title: 'C#', code: unity(origin, key) }, { title: 'Terminal', code: unityCurl(origin, key) }] },
    { title: 'OpenTelemetry', intro: 'Traces and logs of any SDK, collector or instrumentation, over OTLP/HTTP. A turn is complete, and its messages are here, about five seconds after its spans came.', snippets: [{ title: 'Environment', code: otel(origin, key) }, vercel(origin, key), { title: 'Langfuse', code: `LANGFUSE_HOST=${origin}\nLANGFUSE_PUBLIC_KEY=${key}\nLANGFUSE_SECRET_KEY=unused` }, { title: 'OpenLLMetry', code: `TRACELOOP_BASE_URL=${origin}\nTRACELOOP_API_KEY=${key}` }] },
    { title: 'PostHog', intro: 'Keep PostHog’s library and its $ai_ events; change the host, and use the write key as the project’s key.', snippets: [{ title: 'Browser', code: `posthog.init('${key}', { api_host: '${origin}' })` }, { title: 'Node', code: `const posthog = new PostHog('${key}', { host: '${origin}' })` }, { title: 'Python', code: `posthog = Posthog('${key}', host='${origin}')` }] },
    { title: 'HTTP batch', intro: 'From any language: POST JSON, the write key as user name of basic authentication. The answer is 200 once the calls are on disk.', snippets: [{ title: 'Request', code: http(origin, key) }] },
  ]
}

const conversation = [
  { type: 'track', userId: 'user-1', event: 'Message Sent', properties: { conversationId: 'first-conversation', messageId: 'm1', message_body: 'How can I export my data?', role: 'customer' } },
  { type: 'track', userId: 'user-1', event: 'Message Received', properties: { conversationId: 'first-conversation', messageId: 'm2', message_body: 'Open Settings and choose Export.', role: 'agent' } },
]

const batch = (calls: readonly object[]) => `{"batch": [\n${calls.map((c) => `  ${JSON.stringify(c)}`).join(',\n')}\n]}`

const post = (origin: string, key: string, body: string) => `curl ${origin}/v1/batch -u '${key}:' -H 'Content-Type: application/json' -d '${body}'`

const curl = (origin: string, key: string) => post(origin, key, batch(conversation))

const prompt = { prompt: 'How can I export my data?', conversation_id: 'conv_123', session_id: 'sess_456' }
const response = { response: 'You can export your data from the Settings page.', conversation_id: 'conv_123', session_id: 'sess_456' }

const tag = (origin: string, key: string) => `<script>
  window.$screeb = window.$screeb || function () {
    var args = arguments
    return new Promise(function (ok, ko) { ($screeb.q = $screeb.q || []).push({ v: 1, args: args, ok: ok, ko: ko }) })
  }
  $screeb('init', '${key}', { identity: { id: 'user-1' } })
  $screeb('event.copilot', 'screeb_copilot_user_prompt', ${JSON.stringify(prompt)})
  $screeb('event.copilot', 'screeb_copilot_response', ${JSON.stringify(response)})
</script>
<script async src="${origin}/screeb/tag.js"></script>`

const screeb = (origin: string, key: string) => `curl ${origin}/1.0/event -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '[
  ${JSON.stringify({ type: 'copilot', user_alias: 'user-1', event_name: 'screeb_copilot_user_prompt', properties: prompt })},
  ${JSON.stringify({ type: 'copilot', user_alias: 'user-1', event_name: 'screeb_copilot_response', properties: response })}
]'`

const unity = (origin: string, key: string) => `await http.PostAsync("${origin}/v1/unity?writeKey=${key}", new StringContent(JsonConvert.SerializeObject(new { name, data, messageId, userId })));`

const unityCurl = (origin: string, key: string) => `curl ${origin}/v1/unity -u '${key}:' -H 'Content-Type: application/json' -d '${JSON.stringify({
  name: 'AIAssistantSendUserMessageEvent', userId: 'user-1', data: { ConversationId: 'unity-conversation', MessageId: 'm1', userPrompt: 'How can I export my data?' },
})}'`

const otel = (origin: string, key: string) => `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer ${key}"
export OTEL_METRICS_EXPORTER=none
export OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental
export OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true`

const vercel = (origin: string, key: string): Snippet => ({
  title: 'Vercel AI SDK',
  code: `// The exporter: OTEL_EXPORTER_OTLP_ENDPOINT=${origin}
//               OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer ${key}"
registerTelemetry(new OpenTelemetry({
  runtimeContext: true,
  enrichSpan: ({ runtimeContext }) => ({
    'gen_ai.conversation.id': runtimeContext?.conversationId, 'user.id': runtimeContext?.userId,
  }),
}))`,
})

function http(origin: string, key: string): string {
  const { host } = new URL(origin)
  return `POST /v1/batch HTTP/1.1
Host: ${host}
Authorization: Basic ${btoa(`${key}:`)}
Content-Type: application/json

${batch(conversation)}`
}

const node = (origin: string, key: string): Snippet => ({
  title: 'Node',
  code: `import { Analytics } from '@segment/analytics-node'

const analytics = new Analytics({ writeKey: '${key}', host: '${origin}' })

analytics.track({
  userId: 'user-1',
  event: 'Message Sent',
  properties: { conversationId: 'conv-1', messageId: 'm1', message_body: 'How can I export my data?' },
})`,
})

function browser(origin: string, key: string): Snippet {
  const { host, protocol } = new URL(origin)
  return {
    title: 'Browser, npm',
    code: `import { AnalyticsBrowser } from '@segment/analytics-next'

const analytics = AnalyticsBrowser.load(
  { writeKey: '${key}', cdnURL: '${origin}' },
  { integrations: { 'Segment.io': { apiHost: '${host}/v1', protocol: '${protocol.replace(':', '')}' } } },
)

analytics.track('Message Sent', { conversationId: 'conv-1', messageId: 'm1', message_body: 'How can I export my data?' })`,
  }
}

function html(origin: string, key: string): Snippet {
  const { host, protocol } = new URL(origin)
  return {
    title: 'Browser, HTML',
    code: `<script>
  (function () {
    var a = (window.analytics = window.analytics || [])
    if (a.initialize || a.invoked) return
    a.invoked = true
    ;['track', 'identify', 'page', 'group', 'alias', 'ready', 'on', 'once', 'off', 'reset', 'user', 'setAnonymousId'].forEach(function (name) {
      a[name] = function () { a.push([name].concat([].slice.call(arguments))); return a }
    })
    a._writeKey = '${key}'
    a._cdn = '${origin}'
    a._loadOptions = { integrations: { 'Segment.io': { apiHost: '${host}/v1', protocol: '${protocol.replace(':', '')}' } } }
    var s = document.createElement('script')
    s.async = true
    s.setAttribute('data-global-segment-analytics-key', 'analytics')
    s.src = '${origin}/analytics.js/v1/${key}/analytics.min.js'
    document.head.appendChild(s)
  })()

  analytics.track('Message Sent', { conversationId: 'conv-1', messageId: 'm1', message_body: 'How can I export my data?' })
</script>`,
  }
}

const golang = (origin: string, key: string): Snippet => ({
  title: 'Go',
  code: `client, err := analytics.NewWithConfig("${key}", analytics.Config{Endpoint: "${origin}"})
if err != nil {
	return err
}
defer client.Close()

client.Enqueue(analytics.Track{
	UserId:     "user-1",
	Event:      "Message Sent",
	Properties: analytics.NewProperties().Set("conversationId", "conv-1").Set("messageId", "m1").Set("message_body", "How can I export my data?"),
})`,
})

const python = (origin: string, key: string): Snippet => ({
  title: 'Python',
  code: `import segment.analytics as analytics

analytics.write_key = '${key}'
analytics.host = '${origin}'

analytics.track('user-1', 'Message Sent', {
    'conversationId': 'conv-1', 'messageId': 'm1', 'message_body': 'How can I export my data?',
})
analytics.flush()`,
})
