import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { CodeFunction, FunctionList } from '../../api/types'
import { Empty, Failure, Waiting } from '../../components/States'
import { ago } from '../../format/time'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, zone } from '../../state/workspace'
import { kinds } from './kinds'
import { functionHref } from './link'

/** Code of one's own that makes, changes or delivers calls. */
export function FunctionsPage() {
  const { data, error, reload } = useGet<FunctionList>(apiUrl('functions'))
  const add = <a class="button primary" href={hrefTo('/data/functions/new', view.value)}>Write a function</a>
  return (
    <>
      <div class="page-head"><h1>Functions</h1>{mayEdit.value && (data?.functions.length ?? 0) > 0 && add}</div>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : data.functions.length === 0 ? (
        <Empty title="No function yet">
          <p>A function is JavaScript of yours that runs in a sandbox here: it takes webhooks of others, changes calls on their way to a destination, or delivers them to a place of your own. Write one, try it on the newest calls, deploy it.</p>
          {mayEdit.value && <p>{add}</p>}
        </Empty>
      ) : (
        <div class="table-wrap" tabIndex={0} role="region" aria-label="Functions">
          <table class="table">
            <thead><tr><th scope="col">Function</th><th scope="col">Kind</th><th scope="col">Runs</th><th scope="col">Newest</th><th scope="col">Changed</th><th scope="col">By</th></tr></thead>
            <tbody>
              {data.functions.map((f) => (
                <tr key={f.id}>
                  <td><a href={functionHref(f.id, view.value)}>{f.name}</a></td><td>{kinds[f.kind].title}</td>
                  <td><Deployed fn={f} /></td><td class="num">version {f.version}</td><td class="num">{ago(f.updated_at, zone.value)}</td><td>{f.author}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}

/** Which version runs. */
export function Deployed({ fn }: { fn: CodeFunction }) {
  if (fn.deployed === 0) return <span class="mark">not deployed</span>
  if (fn.deployed === fn.version) return <span class="mark good">version {fn.deployed} runs</span>
  return <span class="mark warn">version {fn.deployed} runs</span>
}
