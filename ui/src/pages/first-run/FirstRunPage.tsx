import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, ask, apiUrl } from '../../api/client'
import { useLive } from '../../api/live'
import { useGet } from '../../api/resource'
import type { Event, Source, TestConversationSent, Transcript } from '../../api/types'
import { Copy, Snippet } from '../../components/Copy'
import { Failure } from '../../components/States'
import { Tabs } from '../../components/Tabs'
import { plural } from '../../format/number'
import { params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, reloadSources, reloadStatus, sources, status } from '../../state/workspace'
import { TranscriptView } from '../conversation/TranscriptView'
import { tabs } from './snippets'

/** How to send the first event, and the wait for it. The first message shows its transcript here, with what
 *  validation said of it. */
export function FirstRunPage() {
  const wanted = params.value.get('source')
  const source = sources.value.find((s) => s.id === wanted) ?? sources.value.find((s) => s.enabled)
  const fresh = status.value?.store.events === 0
  return (
    <div class="start">
      <div class="page-head">
        <div>
          <h1>{fresh ? 'Send your first conversation' : 'Connect a client'}</h1>
          <p class="sub">{fresh ? 'This server has no events yet. Any of these ways takes less than a minute.' : 'The ways to send events to this server.'}</p>
        </div>
      </div>
      {source ? <Connect source={source} /> : <NoSource />}
      {fresh && <p class="small quiet demo">To look around first: stop the server and start it with <code>debrief serve --demo</code>, or run <code>debrief demo</code> beside it. Both load a month of a stock-trading copilot.</p>}
    </div>
  )
}

function NoSource() {
  const [error, setError] = useState<ApiError | null>(null)
  const add = () => ask<Source>(apiUrl('sources'), { method: 'POST', body: { name: 'Web app' } }).then(reloadSources, (e: unknown) => { if (e instanceof ApiError) setError(e) })
  return (
    <div class="empty">
      <p>There is no enabled source. A source is one place that events come from; it has the write key.</p>
      {mayEdit.value && <button type="button" class="button primary" onClick={add}>Add a source</button>}
      {error && <Failure error={error} />}
    </div>
  )
}

function Connect({ source }: { source: Source }) {
  const key = source.write_keys[0] ?? ''
  const all = tabs(location.origin, key)
  return (
    <>
      <div class="write-key">
        <span class="small quiet">Write key of {source.name}</span>
        <div class="row"><code>{key}</code><Copy text={key} /></div>
      </div>
      <Tabs label="Ways to send events" tabs={all.map((tab) => ({
        title: tab.title,
        content: (
          <>
            <p>{tab.intro}</p>
            {tab.snippets.length === 1 && tab.snippets[0]
              ? <Snippet code={tab.snippets[0].code} label={`${tab.title}, code`} />
              : <Tabs label={tab.title} small tabs={tab.snippets.map((s) => ({ title: s.title, content: <Snippet code={s.code} label={`${s.title}, code`} /> }))} />}
          </>
        ),
      }))} />
      <Wait source={source} />
    </>
  )
}

/** Listens until the first message of a conversation lands, then follows that conversation. */
function Wait({ source }: { source: Source }) {
  const [conversation, setConversation] = useState<string | null>(null)
  const [others, setOthers] = useState<readonly Event[]>([])
  const [refused, setRefused] = useState<string | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  const [arrivals, setArrivals] = useState(0)
  const transcript = useGet<Transcript>(conversation && apiUrl(`conversations/${encodeURIComponent(conversation)}`))

  const state = useLive({ source: source.id, on: true }, (a) => {
    if (a.type === 'rejection') return setRefused(a.rejection.message)
    if (a.type !== 'event') return
    setArrivals((n) => n + 1)
    const { event } = a
    if (event.kind === 'message' && event.conversation_id && conversation === null) {
      setConversation(event.conversation_id)
    } else if (event.conversation_id !== conversation) {
      setOthers((list) => [event, ...list].slice(0, 5))
    }
  })
  // What is announced may take a moment until it can be read.
  const { error: unread, reload } = transcript
  useEffect(() => {
    if (!unread && arrivals === 0) return
    const timer = setTimeout(reload, 400)
    return () => clearTimeout(timer)
  }, [unread, arrivals])
  const any = useRef(false)
  any.current = arrivals > 0
  useEffect(() => () => { if (any.current) void reloadStatus() }, [])

  const test = async () => {
    setError(null)
    try {
      await ask<TestConversationSent>(apiUrl('test-conversation'), { method: 'POST', body: { source: source.id } })
    } catch (e) {
      if (e instanceof ApiError) setError(e)
    }
  }
  const shown = transcript.data
  const heard = arrivals > 0 ? `${plural(arrivals, 'event')} came in, no message yet …` : 'Listening for the first message …'
  const said = shown ? `It works: ${plural(arrivals, 'event')} came in.` : { connecting: 'Connecting …', listening: heard, lost: 'Connection lost; trying again …' }[state]
  return (
    <section class="wait">
      <header class="row">
        <span class={`pulse ${state}`} role="status">
          {said}
        </span>
        {mayEdit.value && <button type="button" class="button" onClick={test}>Send a test conversation</button>}
      </header>
      {error && <Failure error={error} />}
      {refused && !shown && <p class="notice bad" role="alert">A call was rejected: {refused}</p>}
      {!shown && others.length > 0 && <p class="small quiet">So far: {others.map((e) => e.source_event).join(', ')}. Messages are Message Sent and Message Received, with a conversationId.</p>}
      {shown && (
        <>
          <TranscriptView transcript={shown} marks />
          <div class="row">
            <a class="button primary" href={hrefTo('/', view.value)} onClick={() => void reloadStatus()}>Go to the overview</a>
            <a class="button" href={hrefTo(`/conversations/${encodeURIComponent(shown.conversation.conversation_id)}`, view.value)}>Open the conversation</a>
          </div>
        </>
      )}
    </section>
  )
}
