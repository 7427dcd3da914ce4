import { useEffect, useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { ApiError, apiUrl, ask } from '../../api/client'
import type { DetachPreview, IdentifiedPerson, Identifier } from '../../api/types'
import { Dialog } from '../../components/Dialog'
import { Failure, Waiting } from '../../components/States'
import { typeLabel } from './words'

/** Takes an id off a person: first what would change, then it is done. */
export function DetachDialog({ id, close, done }: { id: Identifier; close: () => void; done: () => void }) {
  const body = { type: id.type, value: id.value }
  const [preview, setPreview] = useState<DetachPreview | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  const detach = useAction()
  useEffect(() => {
    const abort = new AbortController()
    ask<DetachPreview>(apiUrl('identity/detachments/preview'), { method: 'POST', body, signal: abort.signal })
      .then(setPreview, (e: unknown) => { if (!abort.signal.aborted) setError(e instanceof ApiError ? e : new ApiError(0, 'unreadable', String(e))) })
    return () => abort.abort()
  }, [id.type, id.value])
  const run = async () => {
    if (await detach.run(() => ask(apiUrl('identity/detachments'), { method: 'POST', body }))) done()
  }
  return (
    <Dialog label="Detach an id" onClose={close}>
      <div class="dialog-body">
        <h2>Detach {typeLabel(id.type)} <code>{id.value}</code></h2>
        {error ? <Failure error={error} /> : !preview ? <Waiting /> : <What preview={preview} />}
        {detach.error && <Failure error={detach.error} />}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={close}>Leave it</button>
          <button type="button" class="button primary" autoFocus disabled={!preview || detach.busy} onClick={() => void run()}>Detach</button>
        </div>
      </div>
    </Dialog>
  )
}

/** The person as it is, and who there would be. */
function What({ preview: p }: { preview: DetachPreview }) {
  return (
    <>
      <div class="table-wrap" tabIndex={0} role="region" aria-label="What would change">
        <table class="table preview">
          <thead><tr><th scope="col">Now one</th>{p.rest.map((r) => <th key={r.person} scope="col">Then</th>)}<th scope="col">Detached</th></tr></thead>
          <tbody><tr><Ids of={p.before} />{p.rest.map((r) => <Ids key={r.identifiers[0]?.value} of={r} />)}<Ids of={p.detached} /></tr></tbody>
        </table>
      </div>
      {p.rest.length > 1 && <p class="notice warn small">Only this id linked the others: without it they are {p.rest.length} people.</p>}
      <p class="small quiet">What came with this id and no user id counts for it alone, in every figure, for the past and from now on; what came with a user id too counts for the user. It can be undone on this page.</p>
    </>
  )
}

function Ids({ of }: { of: IdentifiedPerson }) {
  return <td>{of.identifiers.map((i) => <div key={`${i.type} ${i.value}`}><code>{i.value}</code></div>)}</td>
}
