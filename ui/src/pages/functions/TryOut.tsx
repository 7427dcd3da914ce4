import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { ask, apiUrl } from '../../api/client'
import type { CodeFunction, FunctionResult, FunctionTest, FunctionTestResult } from '../../api/types'
import { Json } from '../../components/Json'
import { Failure } from '../../components/States'
import { duration, plural } from '../../format/number'
import { changeParams, params } from '../../state/location'
import { mayEdit } from '../../state/workspace'
import { diff } from './text'

const sizes = [1, 10, 100]
const types = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const
const example = `{
  "type": "track",
  "event": "Message Sent",
  "userId": "ada",
  "properties": { "conversationId": "c1" }
}`

/** Runs the code as it is typed on calls that came in, on one that is given, or on a request. */
export function TryOut({ fn, code }: { fn: CodeFunction; code: string }) {
  const [given, setGiven] = useState(example)
  const [body, setBody] = useState('{"id": 1, "customer": "ada", "total": 12.5, "currency": "EUR"}')
  const [headers, setHeaders] = useState('Content-Type: application/json')
  const [result, setResult] = useState<FunctionTestResult | null>(null)
  const { busy, error, run } = useAction()
  const on = params.value.get('on') === 'given' ? 'given' : 'recent'
  const recent = sizes.find((n) => n === Number(params.value.get('last'))) ?? 1
  const type = types.find((t) => t === params.value.get('of'))
  const what = (): Partial<FunctionTest> => {
    if (fn.kind === 'source') return { request: { method: 'POST', headers: pairs(headers), body } }
    return on === 'given' ? { calls: [JSON.parse(given) as Record<string, never>] } : { recent, type: type ?? '' }
  }
  const test = () => run(async () => setResult(await ask<FunctionTestResult>(apiUrl('functions/test'), { method: 'POST', body: { function: fn.id, code, ...what() } })))
  return (
    <section class="trial">
      <h2>Try it <span class="quiet small">the code above, saved or not; nothing is stored or sent but what it fetches itself</span></h2>
      {fn.kind === 'source' ? (
        <>
          <label class="field"><span>Headers <span class="quiet">one a line</span></span><textarea class="control mono" rows={2} spellcheck={false} value={headers} onInput={(e) => setHeaders(e.currentTarget.value)} /></label>
          <label class="field"><span>Body</span><textarea class="control mono" rows={4} spellcheck={false} value={body} onInput={(e) => setBody(e.currentTarget.value)} /></label>
        </>
      ) : (
        <>
          <div class="row">
            <div class="segments" role="group" aria-label="Calls to try it on">
              <button type="button" aria-pressed={on === 'recent'} onClick={() => changeParams({ on: undefined }, { replace: true })}>Newest calls</button>
              <button type="button" aria-pressed={on === 'given'} onClick={() => changeParams({ on: 'given' }, { replace: true })}>A call of mine</button>
            </div>
            {on === 'recent' && <select class="control" aria-label="Of which type" value={type ?? ''} onChange={(e) => changeParams({ of: e.currentTarget.value || undefined }, { replace: true })}><option value="">of any type</option>{types.map((t) => <option key={t} value={t}>{t}</option>)}</select>}
            {on === 'recent' && <select class="control" aria-label="How many" value={recent} onChange={(e) => changeParams({ last: e.currentTarget.value === '1' ? undefined : e.currentTarget.value }, { replace: true })}>{sizes.map((n) => <option key={n} value={n}>{plural(n, 'call')}</option>)}</select>}
          </div>
          {on === 'given' && <label class="field"><span>A call as Segment writes it</span><textarea class="control mono" rows={7} spellcheck={false} value={given} onInput={(e) => setGiven(e.currentTarget.value)} /></label>}
        </>
      )}
      <div><button type="button" class="button" disabled={busy || !mayEdit.value} onClick={test}>{busy ? 'Running …' : 'Run the test'}</button></div>
      {error && <Failure error={error} />}
      {result && <Result result={result} kind={fn.kind} />}
    </section>
  )
}

function pairs(text: string): Record<string, string> {
  return Object.fromEntries(text.split('\n').filter((l) => l.includes(':')).map((l) => [l.slice(0, l.indexOf(':')).trim(), l.slice(l.indexOf(':') + 1).trim()]))
}

function Result({ result, kind }: { result: FunctionTestResult; kind: CodeFunction['kind'] }) {
  return (
    <div class="result" role="status" aria-label="Result of the test">
      <p class="small num">{kind === 'source' ? plural(result.emitted.length, 'call made', 'calls made') : result.results.length === 0 ? 'No such calls came in yet. Give one of your own.' : plural(result.results.length, 'call')} in {duration(result.took_ms)}{result.fetches > 0 && `, ${plural(result.fetches, 'request')} sent`}.</p>
      <ol class="outcomes">{result.results.map((r, i) => <Outcome key={i} result={r} open={result.results.length === 1} />)}</ol>
      {result.emitted.map((call, i) => <Json key={i} label={`Call ${i + 1}`} value={call} open={result.emitted.length === 1} />)}
      {result.console && <><h3>Console</h3><pre class="json" tabIndex={0} role="region" aria-label="Console">{result.console}</pre></>}
    </div>
  )
}

const outcomes: Record<FunctionResult['outcome'], readonly [string, string]> = { passed: ['passed', 'good'], dropped: ['dropped', 'warn'], retry: ['would be tried again', 'warn'], failed: ['failed', 'bad'] }

function Outcome({ result: r, open }: { result: FunctionResult; open: boolean }) {
  const [word, tone] = outcomes[r.outcome]
  const event = (r.in as { event?: unknown; type?: unknown } | undefined)
  return (
    <li>
      <p class="row small"><span class={`mark ${tone}`}>{word}</span> <b>{String(event?.event ?? event?.type ?? '')}</b> {r.error && <code>{r.error}</code>} {r.message}</p>
      {r.stack && <pre class="json" tabIndex={0} role="region" aria-label="Where in the code">{r.stack}</pre>}
      {r.out ? <Compared from={r.in} to={r.out} open={open} /> : r.in && <Json label="The call" value={r.in} />}
    </li>
  )
}

/** A call before and after, line by line. */
function Compared({ from, to, open }: { from: unknown; to: unknown; open: boolean }) {
  const lines = diff(JSON.stringify(from, null, 2) ?? '', JSON.stringify(to, null, 2), (line) => line.replace(/,$/, ''))
  const changes = lines.filter((l) => l.sign !== ' ').length
  return (
    <details class="payload" open={open}>
      <summary>{changes === 0 ? 'What goes on: the call as it is' : 'What goes on, and what changed'}</summary>
      <pre class="json diff" tabIndex={0} role="region" aria-label="What goes on">{lines.map((l, i) => <span key={i} class={l.sign === '+' ? 'made' : l.sign === '-' ? 'gone' : ''}>{`${l.sign} ${l.text}\n`}</span>)}</pre>
    </details>
  )
}
