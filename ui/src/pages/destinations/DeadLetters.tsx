import { useEffect, useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { ask, apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { DeadLetter, DeadLetterList, DeadLetterReplay, DeadLetterSelection } from '../../api/types'
import { Empty, Failure, Waiting } from '../../components/States'
import { count, plural } from '../../format/number'
import { dateTime } from '../../format/time'
import { changeParams, params, view } from '../../state/location'
import { mayEdit, zone } from '../../state/workspace'
import { journeyHref } from '../journey/link'
import { codeWords } from './steps'

const pageSize = 50

/** Calls that were given up: why, and a way to send them again. */
export function DeadLetters({ path, total, changed }: { path: string; total: number; changed: () => void }) {
  const code = params.value.get('code') ?? undefined
  const after = params.value.get('after') ?? undefined
  const list = useGet<DeadLetterList>(apiUrl(`${path}/dead-letters`, { code, after, limit: pageSize }))
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const [said, say] = useState('')
  const { busy, error, run } = useAction()
  useEffect(() => list.reload(), [total])
  useEffect(() => setTicked(new Set()), [code, after])
  const replay = (selection: DeadLetterSelection) => run(async () => {
    const { replayed } = await ask<DeadLetterReplay>(apiUrl(`${path}/dead-letters/replay`), { method: 'POST', body: selection })
    say(`${plural(replayed, 'call')} ${replayed === 1 ? 'is' : 'are'} sent again.`)
    setTicked(new Set())
    changeParams({ after: undefined }, { replace: true })
    list.reload()
    changed()
  })
  if (list.error) return <Failure error={list.error} retry={list.reload} />
  if (!list.data) return <Waiting />
  const letters = list.data.dead_letters
  const toggle = (id: string) => {
    const next = new Set(ticked)
    if (!next.delete(id)) next.add(id)
    setTicked(next)
  }
  return (
    <div class="delivery">
      <p role="status" class="small">{said}</p>
      {error && <Failure error={error} />}
      {code && <p class="row small">Given up with <code>{code}</code> {codeWords(code)} <button type="button" class="button" onClick={() => changeParams({ code: undefined, after: undefined })}>Show all</button></p>}
      {letters.length === 0 ? (
        <Empty title={code ? 'No dead letter with this code' : 'No dead letters'}><p>A call is given up when the place refuses it for good, or when it was tried in vain as long as the settings say. It is kept here for 30 days, to be sent again when the cause is mended.</p></Empty>
      ) : (
        <>
          {mayEdit.value && (
            <div class="row">
              <button type="button" class="button primary" disabled={busy} onClick={() => replay(ticked.size > 0 ? { ids: [...ticked] } : code ? { code } : { all: true })}>
                Replay {ticked.size > 0 ? plural(ticked.size, 'chosen call') : code ? `all with ${code}` : `all ${count(list.data.total)}`}
              </button>
              <span class="small quiet">They are sent by the settings, functions and mapping that hold now.</span>
            </div>
          )}
          <div class="table-wrap" tabIndex={0} role="region" aria-label="Dead letters">
            <table class="table">
              <thead><tr>{mayEdit.value && <th scope="col"><span class="hidden">Choose</span></th>}<th scope="col">Given up</th><th scope="col">Event</th><th scope="col">Code</th><th scope="col">Reason</th><th scope="col" class="right">Attempts</th>{mayEdit.value && <th scope="col"><span class="hidden">Actions</span></th>}</tr></thead>
              <tbody>{letters.map((l) => <Row key={l.id} letter={l} ticked={ticked.has(l.id)} toggle={() => toggle(l.id)} busy={busy} replay={() => replay({ ids: [l.id] })} />)}</tbody>
            </table>
          </div>
          <div class="pager">
            {after && <button type="button" class="button" onClick={() => changeParams({ after: undefined })}>To the newest</button>}
            {list.data.next && <button type="button" class="button" onClick={() => changeParams({ after: list.data?.next ?? undefined })}>Older</button>}
          </div>
        </>
      )}
    </div>
  )
}

function Row({ letter: l, ticked, toggle, busy, replay }: { letter: DeadLetter; ticked: boolean; toggle: () => void; busy: boolean; replay: () => void }) {
  return (
    <tr>
      {mayEdit.value && <td><input type="checkbox" aria-label={`Choose ${l.event_id}`} checked={ticked} onChange={toggle} /></td>}
      <td class="num nowrap">{dateTime(l.given_up_at, zone.value)}</td>
      <td><a href={journeyHref(l.event_id, view.value)}>{l.event || l.type}</a></td>
      <td><button type="button" class="linkish" title={codeWords(l.code)} aria-label={`Only those with ${l.code}`} onClick={() => changeParams({ code: l.code, after: undefined })}><code>{l.code}</code></button></td>
      <td class="reason">{l.reason}</td>
      <td class="right">{l.attempts}</td>
      {mayEdit.value && <td class="right"><button type="button" class="button" disabled={busy} aria-label={`Replay ${l.event_id}`} onClick={replay}>Replay</button></td>}
    </tr>
  )
}
