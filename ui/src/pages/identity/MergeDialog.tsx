import { useEffect, useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { ApiError, apiUrl, ask } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Merged, MergePreview, NamedPeople, Person } from '../../api/types'
import { Dialog } from '../../components/Dialog'
import { Failure, Waiting } from '../../components/States'
import { count } from '../../format/number'
import { changeParams } from '../../state/location'
import { named } from '../people/find'
import { manyOf, typeLabel } from './words'

/** Merges a person with another: first whom, then what would change, then it is done. Whom is in the address. */
export function MergeDialog({ person, other, done }: { person: string; other: string; done: (merged: Merged) => void }) {
  const close = () => changeParams({ do: undefined, with: undefined })
  const [text, setText] = useState(other)
  const [choices, choose] = useState<NamedPeople['people']>([])
  const look = useAction()
  const preview = (id: string) => { choose([]); changeParams({ with: id }, { replace: true }) }
  const find = (id: string) => void look.run(async () => {
    const others = (await named(id)).filter((p) => p.id !== person)
    if (others.length > 1) choose(others)
    else preview(others[0]?.id ?? id)
  })
  return (
    <Dialog label="Merge with another person" onClose={close}>
      <div class="dialog-body">
        <h2>Merge with another person</h2>
        <form class="row" onSubmit={(e) => { e.preventDefault(); find(text.trim()) }}>
          <label class="field grow"><span>Name or any id of the other</span>
            <input class="control" autoFocus value={text} onInput={(e) => setText(e.currentTarget.value)} />
          </label>
          <button class="button align-end" disabled={text.trim() === ''}>Preview</button>
        </form>
        {look.error && <Failure error={look.error} />}
        {choices.length > 0 ? (
          <ul class="plain-list" aria-label="Several are named so">
            {choices.map((p) => <li key={p.id}><button type="button" class="linkish" onClick={() => preview(p.id)}>{p.name ?? p.id}</button> <span class="small quiet">{p.type === undefined ? p.id : `by ${typeLabel(p.type)} ${p.value}`}</span></li>)}
          </ul>
        ) : other === '' ? <p class="small quiet">Nothing changes before you have seen what would.</p> : <Preview key={other} a={person} b={other} close={close} done={done} />}
      </div>
    </Dialog>
  )
}

function Preview({ a, b, close, done }: { a: string; b: string; close: () => void; done: (merged: Merged) => void }) {
  const [preview, setPreview] = useState<MergePreview | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  const merge = useAction()
  useEffect(() => {
    const abort = new AbortController()
    ask<MergePreview>(apiUrl('identity/merges/preview'), { method: 'POST', body: { a, b }, signal: abort.signal })
      .then(setPreview, (e: unknown) => { if (!abort.signal.aborted) setError(e instanceof ApiError ? e : new ApiError(0, 'unreadable', String(e))) })
    return () => abort.abort()
  }, [a, b])
  const run = () => void merge.run(async () => done(await ask<Merged>(apiUrl('identity/merges'), { method: 'POST', body: { a, b } })))
  if (error) return <Failure error={error} />
  if (!preview) return <Waiting />
  return (
    <>
      <What preview={preview} />
      {merge.error && <Failure error={merge.error} />}
      <div class="dialog-foot">
        <button type="button" class="button" onClick={close}>Leave them</button>
        <button type="button" class="button primary" disabled={merge.busy} onClick={run}>Merge</button>
      </div>
    </>
  )
}

/** What a person goes by: who has neither user id nor anonymous id, by the first of the others. */
const nameOf = (p: MergePreview['a']): string => p.person || (p.identifiers[0]?.value ?? '')

/** Both as they are, and the one that they would be. */
function What({ preview: p }: { preview: MergePreview }) {
  const left = useGet<Person>(apiUrl(`people/${encodeURIComponent(p.a.person)}`, { limit: 1 })).data
  const right = useGet<Person>(apiUrl(`people/${encodeURIComponent(p.b.person)}`, { limit: 1 })).data
  const talks = (person?: Person) => (person ? count(person.conversations_total) : '–')
  const both = left && right ? count(left.conversations_total + right.conversations_total) : '–'
  const cell = (ids: MergePreview['merged']['identifiers']) => <td>{ids.map((i) => <div key={`${i.type} ${i.value}`}><code>{i.value}</code></div>)}</td>
  return (
    <>
      <div class="table-wrap" tabIndex={0} role="region" aria-label="What would change">
        <table class="table preview">
          <thead><tr><td /><th scope="col">This</th><th scope="col">Other</th><th scope="col">Then one</th></tr></thead>
          <tbody>
            <tr><th scope="row">Named by</th><td>{nameOf(p.a)}</td><td>{nameOf(p.b)}</td><td><b>{nameOf(p.merged)}</b></td></tr>
            <tr><th scope="row">Conversations</th><td class="num">{talks(left)}</td><td class="num">{talks(right)}</td><td class="num"><b>{both}</b></td></tr>
            <tr><th scope="row">Ids</th>{cell(p.a.identifiers)}{cell(p.b.identifiers)}{cell(p.merged.identifiers)}</tr>
          </tbody>
        </table>
      </div>
      {p.conflicts.length > 0 && (
        <section>
          <h3>Traits that differ <span class="quiet">the later counts</span></h3>
          <ul class="plain-list small">
            {p.conflicts.map(({ a, b }) => {
              const later = a.at > b.at || (a.at === b.at && a.event > b.event) ? a : b
              return <li key={a.name}>{a.name}: <Value value={a.value} chosen={later === a} /> and <Value value={b.value} chosen={later === b} /></li>
            })}
          </ul>
        </section>
      )}
      {p.exceeded.length > 0 && <p class="notice warn small">Calls alone would not have merged them: the rules allow a person {p.exceeded.map((r) => manyOf(r.limit, r.type) + (r.window === 'ever' ? '' : ` a ${r.window}`)).join(', ')}. What you decide goes before the rules. Look at the {typeLabel(p.exceeded[0]?.type ?? '')}s twice.</p>}
      <p class="small quiet">Every figure follows at once, for the past too: there is one person less. It can be undone on this page.</p>
    </>
  )
}

function Value({ value, chosen }: { value: unknown; chosen: boolean }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return chosen ? <b>{text}</b> : <s class="quiet">{text}</s>
}
