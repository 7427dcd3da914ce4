import { useEffect, useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { ask, apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Backfill, BackfillList } from '../../api/types'
import { Failure, Waiting } from '../../components/States'
import { count } from '../../format/number'
import { dateTime } from '../../format/time'
import { addDays } from '../../state/day'
import { changeParams, params } from '../../state/location'
import { mayEdit, today, zone } from '../../state/workspace'

/** Sends the stored calls of a period once more, with its progress. */
export function Backfills({ path }: { path: string }) {
  const { data, error, reload } = useGet<BackfillList>(apiUrl(`${path}/backfill`))
  const action = useAction()
  const running = data?.backfills.some((b) => b.state === 'running')
  useEffect(() => {
    if (!running) return
    const timer = setTimeout(reload, 700)
    return () => clearTimeout(timer)
  }, [data])
  const act = (what: () => Promise<unknown>) => void action.run(async () => {
    await what()
    reload()
  })
  return (
    <div class="delivery">
      {mayEdit.value && <Start busy={action.busy || running === true} start={(body) => act(() => ask(apiUrl(`${path}/backfill`), { method: 'POST', body }))} />}
      {action.error && <Failure error={action.error} />}
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : data.backfills.length === 0
        ? <p class="small quiet">Nothing was sent once more yet.</p>
        : <ul class="backfills">{data.backfills.map((b) => <One key={b.id} backfill={b} cancel={() => act(() => ask(apiUrl(`${path}/backfill/${encodeURIComponent(b.id)}`), { method: 'DELETE' }))} />)}</ul>}
    </div>
  )
}

function Start({ busy, start }: { busy: boolean; start: (body: { from: string; until: string } | { computed: true }) => void }) {
  const [first, setFirst] = useState(params.value.get('first') ?? addDays(today.value, -7))
  const [last, setLast] = useState(params.value.get('last') ?? today.value)
  const submit = (event: Event) => {
    event.preventDefault()
    changeParams({ first, last }, { replace: true })
    start({ from: `${first}T00:00:00Z`, until: `${addDays(last, 1)}T00:00:00Z` })
  }
  return (
    <form class="settings-form" onSubmit={submit}>
      <h2>Send a period once more</h2>
      <p class="small quiet">The stored calls that happened on these days (UTC) go through filter, functions and mapping as they are now. Places that know a call by its id count it once.</p>
      <div class="row ends">
        <label class="field"><span>First day</span><input class="control" type="date" required value={first} max={last} onInput={(e) => setFirst(e.currentTarget.value)} /></label>
        <label class="field"><span>Last day</span><input class="control" type="date" required value={last} min={first} onInput={(e) => setLast(e.currentTarget.value)} /></label>
        <button class="button primary" disabled={busy || !first || !last}>Start the backfill</button>
      </div>
      <h2>Send what is computed now</h2>
      <p class="small quiet">Who has a trait or is in an audience already: one call for each value of those that tell this destination of changes, as they are told. For a destination that came later, or lost some.</p>
      <div><button type="button" class="button" disabled={busy} onClick={() => start({ computed: true })}>Send traits and audiences</button></div>
    </form>
  )
}

const words = { running: 'running', done: 'done', cancelled: 'cancelled' } as const

function One({ backfill: b, cancel }: { backfill: Backfill; cancel: () => void }) {
  const running = b.state === 'running'
  return (
    <li class="notice job">
      <span class="num grow" role={running ? 'status' : undefined}>
        {b.computed ? 'What is computed' : `${dateTime(b.from, 'UTC')} to ${dateTime(b.until, 'UTC')}`}: {words[b.state]}, {count(b.done)} of {count(b.total)} {b.computed ? 'values' : 'calls looked at'}
        <span class="quiet small"> · {b.created_by && `${b.created_by}, `}{dateTime(b.created_at, zone.value)}</span>
      </span>
      {running && <progress aria-label="Backfill" max={Math.max(1, b.total)} value={b.done} />}
      {running && mayEdit.value && <button type="button" class="button" onClick={cancel}>Cancel</button>}
    </li>
  )
}
