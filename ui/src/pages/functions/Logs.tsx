import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { CodeFunction, FunctionLogList } from '../../api/types'
import { Empty, Failure, Waiting } from '../../components/States'
import { count, duration } from '../../format/number'
import { dateTime, preciseTime } from '../../format/time'
import { changeParams, params, view } from '../../state/location'
import { zone } from '../../state/workspace'
import { journeyHref } from '../journey/link'

/** How runs of a function went, the newest first. */
export function Logs({ fn }: { fn: CodeFunction }) {
  const failed = params.value.get('failed') === '1'
  const { data, error, reload, loading } = useGet<FunctionLogList>(apiUrl(`functions/${encodeURIComponent(fn.id)}/logs`, { failed: failed || undefined, limit: 200 }))
  if (error) return <Failure error={error} retry={reload} />
  if (!data) return <Waiting />
  return (
    <div class={`delivery ${loading ? 'busy' : ''}`}>
      <div class="row">
        <div class="segments" role="group" aria-label="Which runs">
          <button type="button" aria-pressed={!failed} onClick={() => changeParams({ failed: undefined })}>All runs</button>
          <button type="button" aria-pressed={failed} onClick={() => changeParams({ failed: '1' })}>With failures</button>
        </div>
        <button type="button" class="button" onClick={reload}>Ask again</button>
        <span class="small quiet">The newest 1,000 are kept. Runs without failure within a second are one entry; secrets in texts are masked.</span>
      </div>
      {data.logs.length === 0 ? <Empty title={failed ? 'No run failed' : 'It did not run yet'}>{!failed && <p>{fn.deployed === 0 ? 'Nothing runs that is not deployed.' : fn.kind === 'insert' ? 'Name it in the settings of a destination, under “Changed on the way”.' : fn.kind === 'source' ? 'It runs when somebody posts to its address.' : 'Add a destination that delivers by it.'}</p>}</Empty> : (
        <div class="table-wrap" tabIndex={0} role="region" aria-label="Runs">
          <table class="table">
            <thead><tr><th scope="col">When</th><th scope="col">Version</th><th scope="col" class="right">Calls</th><th scope="col" class="right">Passed</th><th scope="col" class="right">Dropped</th><th scope="col" class="right">Failed</th><th scope="col" class="right">Took</th><th scope="col">What it said</th></tr></thead>
            <tbody>
              {data.logs.map((l) => (
                <tr key={l.id}>
                  <td class="num nowrap" title={dateTime(l.at, zone.value)}>{preciseTime(l.at, zone.value)}</td><td>{l.version}</td>
                  <td class="right">{count(l.calls)}</td><td class="right">{count(l.passed)}</td><td class="right">{count(l.dropped)}</td>
                  <td class="right">{l.failed > 0 ? <span class="mark bad">{count(l.failed)}</span> : 0}</td><td class="right">{duration(l.took_ms)}</td>
                  <td class="reason">
                    {l.error && <p><code>{l.error}</code> {l.message} {l.event_id && <a class="link" href={journeyHref(l.event_id, view.value)}>the call</a>}</p>}
                    {l.stack && <details><summary class="tiny">Where in the code</summary><pre class="json" tabIndex={0} role="region" aria-label="Where in the code">{l.stack}</pre></details>}
                    {l.console && <pre class="json console" tabIndex={0} role="region" aria-label={`Console of ${l.at}`}>{l.console}</pre>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  )
}
