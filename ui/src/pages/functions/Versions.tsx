import { useAction } from '../../api/action'
import { ask, apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { CodeFunction, FunctionVersion, FunctionVersionList } from '../../api/types'
import { Failure, Waiting } from '../../components/States'
import { dateTime } from '../../format/time'
import { changeParams, params } from '../../state/location'
import { mayEdit, zone } from '../../state/workspace'
import { diff, folded } from './text'

/** The versions of a function, what changed between two, and ways back. */
export function Versions({ fn, changed }: { fn: CodeFunction; changed: () => void }) {
  const path = `functions/${encodeURIComponent(fn.id)}`
  const { data, error, reload } = useGet<FunctionVersionList>(apiUrl(`${path}/versions`))
  const action = useAction()
  const act = (what: () => Promise<unknown>) => void action.run(async () => {
    await what()
    changed()
    reload()
  })
  if (error) return <Failure error={error} retry={reload} />
  if (!data) return <Waiting />
  const newest = data.versions[0]?.version ?? fn.version
  const to = Number(params.value.get('to')) || newest
  const from = Number(params.value.get('since')) || data.versions.find((v) => v.version < to)?.version || to
  const choose = (key: 'since' | 'to', value: number) => (
    <select class="control" aria-label={key === 'since' ? 'From version' : 'To version'} value={value} onChange={(e) => changeParams({ [key]: e.currentTarget.value }, { replace: true })}>
      {data.versions.map((v) => <option key={v.version} value={v.version}>version {v.version}</option>)}
    </select>
  )
  return (
    <div class="versions">
      {action.error && <Failure error={action.error} />}
      <div class="table-wrap" tabIndex={0} role="region" aria-label="Versions">
        <table class="table">
          <thead><tr><th scope="col">Version</th><th scope="col">What is new</th><th scope="col">By</th><th scope="col">When</th>{mayEdit.value && <th scope="col"><span class="hidden">Actions</span></th>}</tr></thead>
          <tbody>
            {data.versions.map((v) => (
              <tr key={v.version}>
                <td class="nowrap">version {v.version} {v.deployed && <span class="mark good">runs</span>}</td>
                <td>{v.note || <span class="quiet">no note</span>}</td><td>{v.author}</td><td class="num nowrap">{dateTime(v.created_at, zone.value)}</td>
                {mayEdit.value && (
                  <td class="right">
                    {!v.deployed && <button type="button" class="button" disabled={action.busy} aria-label={`Deploy version ${v.version}`} onClick={() => act(() => ask(apiUrl(`${path}/deploy`), { method: 'POST', body: { version: v.version } }))}>Deploy</button>}{' '}
                    {v.version !== newest && <button type="button" class="button" disabled={action.busy} aria-label={`Restore version ${v.version}`} onClick={() => act(() => ask(apiUrl(`${path}/versions/${v.version}/restore`), { method: 'POST' }))}>Restore</button>}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="small quiet">Restoring saves a version once more, as the newest. The newest 100 are kept, and the one that runs.</p>
      {data.versions.length > 1 && (
        <section>
          <div class="row"><h2>What changed</h2>{choose('since', from)}<span class="small">to</span>{choose('to', to)}</div>
          {from === to ? <p class="small quiet">The same version twice.</p> : <Difference path={path} from={from} to={to} />}
        </section>
      )}
    </div>
  )
}

function Difference({ path, from, to }: { path: string; from: number; to: number }) {
  const [a, b] = [useGet<FunctionVersion>(apiUrl(`${path}/versions/${from}`)), useGet<FunctionVersion>(apiUrl(`${path}/versions/${to}`))]
  const error = a.error ?? b.error
  if (error) return <Failure error={error} />
  if (a.data?.version !== from || b.data?.version !== to) return <Waiting />
  const lines = folded(diff(a.data.code ?? '', b.data.code ?? ''))
  const form = (v: FunctionVersion) => JSON.stringify(v.settings.map(({ name, type, required, sensitive, label }) => [name, type, required, sensitive, label]))
  return (
    <>
      {form(a.data) !== form(b.data) && <p class="small">The form of its settings changed too.</p>}
      {lines.every((l) => l === null) ? <p class="small quiet">The code is the same.</p> : (
        <pre class="json diff" tabIndex={0} role="region" aria-label="What changed in the code">
          {lines.map((l, i) => (l === null ? <span key={i} class="quiet">{'  ⋯\n'}</span> : <span key={i} class={l.sign === '+' ? 'made' : l.sign === '-' ? 'gone' : ''}>{`${l.sign} ${String(l.at ?? '').padStart(4)}  ${l.text}\n`}</span>))}
        </pre>
      )}
    </>
  )
}
