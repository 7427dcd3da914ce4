import { useEffect, useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { ask, apiUrl } from '../../api/client'
import type { Destination, DestinationKind, DestinationTest, PreviewedCall, PreviewedCalls } from '../../api/types'
import { Json } from '../../components/Json'
import { Failure } from '../../components/States'
import { plural } from '../../format/number'
import { type Draft, previewBody, tryBody } from './form'

const sizes = [1, 5, 20]

/** What a place says that was asked whether it can be sent to. */
export function TestAnswer({ answer }: { answer: DestinationTest }) {
  return <p class={`notice ${answer.ok ? '' : 'bad'}`}><span>{answer.ok ? `The place answered: calls can be sent to it.${answer.message ? ` ${answer.message}` : ''}` : `It cannot be sent to: ${answer.message}`}</span></p>
}

/** Tries the form as it stands: asks the place, and shows what would be sent. */
export function Trial({ kind, draft, destination }: { kind: DestinationKind; draft: Draft; destination?: Destination }) {
  const [answer, setAnswer] = useState<DestinationTest | null>(null)
  const [results, setResults] = useState<readonly PreviewedCall[] | null>(null)
  const [recent, setRecent] = useState(5)
  const [given, setGiven] = useState('')
  const { busy, error, run } = useAction()
  useEffect(() => { // they were about another form
    setAnswer(null)
    setResults(null)
  }, [draft])
  const test = () => run(async () => setAnswer(await ask<DestinationTest>(apiUrl('destinations/test'), { method: 'POST', body: tryBody(kind, draft, destination) })))
  const preview = () => run(async () => {
    const calls = given.trim() ? { calls: [JSON.parse(given) as Record<string, never>] } : { recent }
    setResults((await ask<PreviewedCalls>(apiUrl('destinations/preview'), { method: 'POST', body: { ...previewBody(kind, draft, destination), ...calls } })).results)
  })
  return (
    <section class="trial">
      <h2>Try it <span class="quiet small">the form as it stands; nothing is saved, and no call is sent</span></h2>
      <div class="row">
        <button type="button" class="button" disabled={busy} onClick={test}>Test these settings</button>
        <button type="button" class="button" disabled={busy} onClick={preview}>Show what would be sent</button>
        {!given.trim() && <select class="control" aria-label="Of how many calls" value={recent} onChange={(e) => setRecent(Number(e.currentTarget.value))}>{sizes.map((n) => <option key={n} value={n}>{n === 1 ? 'of the newest call' : `of the newest ${n} calls`}</option>)}</select>}
      </div>
      <details>
        <summary class="small">Of a call of mine</summary>
        <label class="field"><span>A call as Segment writes it <span class="quiet">empty: the newest ones</span></span>
          <textarea class="control mono" rows={6} spellcheck={false} placeholder={JSON.stringify(kind.example.call)} value={given} onInput={(e) => setGiven(e.currentTarget.value)} />
        </label>
      </details>
      <div class="tools-said" role="status">
        {busy && <span class="small quiet">Asking …</span>}
        {answer && <TestAnswer answer={answer} />}
      </div>
      {error && <Failure error={error} />}
      {results && <Results results={results} />}
    </section>
  )
}

function Results({ results }: { results: readonly PreviewedCall[] }) {
  return (
    <div class="result" role="status" aria-label="What would be sent">
      <p class="small num">{results.length === 0 ? 'No calls came in yet. Give one of your own.' : plural(results.length, 'call')}</p>
      <ol class="outcomes">{results.map((r, i) => <Outcome key={i} result={r} open={results.length === 1} />)}</ol>
    </div>
  )
}

const outcomes: Record<PreviewedCall['outcome'], readonly [string, string]> = {
  sent: ['would be sent', 'good'], filtered: ['left out', 'warn'], dropped: ['dropped by a function', 'warn'], retried: ['would be tried again', 'warn'], discarded: ['would be given up', 'bad'],
}

function Outcome({ result: r, open }: { result: PreviewedCall; open: boolean }) {
  const [word, tone] = outcomes[r.outcome]
  const call = r.call as { event?: unknown; type?: unknown }
  return (
    <li>
      <p class="row small"><span class={`mark ${tone}`}>{word}</span> <b>{String(call.event ?? call.type ?? '')}</b> {r.reason}</p>
      {r.request ? <Json label={`${r.request.method} to ${r.request.origin}`} value={r.request.body} open={open} /> : r.out !== undefined && <Json label="What is handed on" value={r.out} open={open} />}
      <Json label="The call" value={r.call} />
    </li>
  )
}
