import { useEffect, useState } from 'preact/hooks'
import { ask, apiUrl } from '../../api/client'
import { useAction } from '../../api/action'
import { useGet } from '../../api/resource'
import type { QuarantineList, QuarantineSummary, ReplayJob } from '../../api/types'
import { Dialog } from '../../components/Dialog'
import { Empty, Failure, Waiting } from '../../components/States'
import { count, plural } from '../../format/number'
import { onlySource } from '../../state/filter'
import { changeParams, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit } from '../../state/workspace'
import { Entries } from './Entries'
import { Groups } from './Groups'
import { Job } from './Job'
import { held, type Narrow, selectionOf } from './selection'

const states = [['held', 'Held'], ['replayed', 'Replayed'], ['discarded', 'Given up'], ['rejected', 'Refused at the door']] as const
type State = (typeof states)[number][0] | 'replaying'

const pageSize = 50

/** What is held back: read it, mend the plan or the client, let it through. */
export function QuarantinePage() {
  const own = (key: string) => params.value.get(key) ?? undefined
  const status = ([...states.map(([s]) => s), 'replaying'] as const).find((s) => s === own('status')) ?? 'held'
  const narrow: Narrow = { source: onlySource(view.value.filters), event: own('event'), code: own('code') }
  const list = useGet<QuarantineList>(apiUrl('quarantine', { ...narrow, status, after: own('after'), limit: pageSize }))
  const summary = useGet<QuarantineSummary>(status === 'rejected' ? null : apiUrl('quarantine/summary', { source: narrow.source, status }))
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const here = JSON.stringify([narrow, status, own('after')])
  useEffect(() => setTicked(new Set()), [here])
  const job = own('job')
  const refresh = () => {
    list.reload()
    summary.reload()
    setTicked(new Set())
  }
  const tick = (ids: readonly string[], on: boolean) => {
    const next = new Set(ticked)
    for (const id of ids) if (on) next.add(id); else next.delete(id)
    setTicked(next)
  }
  const entries = list.data?.entries ?? []
  const narrowed = Boolean(narrow.event || narrow.code)
  return (
    <>
      <div class="page-head">
        <h1>Quarantine</h1>
        <div class="segments" role="group" aria-label="Which calls">
          {states.map(([s, label]) => <button type="button" key={s} aria-pressed={s === status} onClick={() => changeParams({ status: s === 'held' ? undefined : s, after: undefined, event: undefined, code: undefined, call: undefined })}>{label}</button>)}
        </div>
      </div>
      {job && <Job id={job} done={refresh} />}
      {list.error ? <Failure error={list.error} retry={list.reload} /> : !list.data ? <Waiting /> : (
        <div class={`quarantine ${list.loading ? 'busy' : ''}`}>
          {summary.data && summary.data.groups.length > 0 && <Groups groups={summary.data.groups} narrow={narrow} />}
          {narrowed && <p class="row small">Shown: {narrow.event && <b>{narrow.event}</b>} {narrow.code && <code>{narrow.code}</code>} <button type="button" class="button" onClick={() => changeParams({ event: undefined, code: undefined, after: undefined })}>Show all</button></p>}
          {status === 'held' && mayEdit.value && entries.length > 0 && <Actions ticked={ticked} narrow={narrow} total={held(summary.data, narrow)} done={refresh} />}
          {entries.length === 0
            ? <None status={status} narrowed={narrowed} />
            : <Entries entries={entries} ticked={ticked} tick={status === 'held' && mayEdit.value ? tick : undefined} />}
          <div class="pager">
            {own('after') && <button type="button" class="button" onClick={() => changeParams({ after: undefined })}>To the newest</button>}
            {list.data.next && <button type="button" class="button" onClick={() => changeParams({ after: list.data?.next ?? undefined })}>Older</button>}
          </div>
        </div>
      )}
    </>
  )
}

function Actions({ ticked, narrow, total, done }: { ticked: ReadonlySet<string>; narrow: Narrow; total: number | undefined; done: () => void }) {
  const [asking, setAsking] = useState(false)
  const { busy, error, run } = useAction()
  const selection = selectionOf(ticked, narrow)
  const what = ticked.size > 0 ? `${plural(ticked.size, 'chosen call')}` : total === undefined ? 'all that match' : narrow.event ? `all ${count(total)} that match` : `all ${count(total)}`
  const replay = () => run(async () => {
    const job = await ask<ReplayJob>(apiUrl('quarantine/replay'), { method: 'POST', body: selection })
    changeParams({ job: job.id, after: undefined })
  })
  const discard = () => run(async () => {
    await ask(apiUrl('quarantine/discard'), { method: 'POST', body: selection })
    setAsking(false)
    done()
  })
  return (
    <div class="row">
      <button type="button" class="button primary" disabled={busy} onClick={replay}>Replay {what}</button>
      <button type="button" class="button danger" disabled={busy} onClick={() => setAsking(true)}>Give up {what}</button>
      <span class="small quiet">A replay checks them by the plan that holds now. What conforms is stored with the time at which it first came; what does not is held again.</span>
      {error && !asking && <Failure error={error} />}
      {asking && (
        <Dialog label="Give up held calls" onClose={() => setAsking(false)}>
          <div class="dialog-body">
            <h1>Give up {what}?</h1>
            <p>They stay readable for 30 days under “Given up”, and can be replayed no more.</p>
            {error && <Failure error={error} />}
            <div class="dialog-foot"><button type="button" class="button" autofocus onClick={() => setAsking(false)}>Cancel</button><button type="button" class="button danger" disabled={busy} onClick={discard}>Give up {what}</button></div>
          </div>
        </Dialog>
      )}
    </div>
  )
}

function None({ status, narrowed }: { status: State; narrowed: boolean }) {
  if (narrowed) return <Empty title="No such call"><p>Nothing here matches. Show all, or choose another group.</p></Empty>
  switch (status) {
    case 'held': case 'replaying': return (
      <Empty title="Nothing is held back">
        <p>Quarantine keeps the calls that a plan blocks or quarantines: whole, with the reason, out of every figure. When the plan or the client is mended, replay them and they are stored as if they had passed at first, each once.</p>
        <p>To use it, let a <a href={hrefTo('/data/sources', view.value)}>source</a> follow a <a href={hrefTo('/data/plans', view.value)}>plan</a> and set what becomes of calls that deviate.</p>
      </Empty>
    )
    case 'replayed': return <Empty title="Nothing was replayed"><p>Calls that were let through again are listed here.</p></Empty>
    case 'discarded': return <Empty title="Nothing was given up"><p>Calls that were given up stay here for 30 days.</p></Empty>
    case 'rejected': return <Empty title="No call was refused"><p>The door refuses calls that are no calls: without type, without an id of a span, too large. It tells the client why; they are listed here.</p></Empty>
  }
}
