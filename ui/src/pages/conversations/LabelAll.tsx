import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import { Popover } from '../../components/Popover'
import { count, plural } from '../../format/number'
import { question } from '../../state/workspace'
import { type LabelChange, queued } from '../conversation/labels'

/** The most conversations that are labelled at once. */
const most = 10_000

/** Labels every conversation of the list, whatever the page shown. */
export function LabelAll({ total, done }: { total: number; done: () => void }) {
  return (
    <Popover label="Label all" align="right" class="share" button="Label">
      {(close) => <Form total={total} done={() => { close(); done() }} />}
    </Popover>
  )
}

function Form({ total, done }: { total: number; done: () => void }) {
  const [text, setText] = useState('')
  const { busy, error, run } = useAction()
  const apply = async (change: LabelChange) => {
    if (await run(() => ask(apiUrl('conversations/labels', question.value), { method: 'POST', body: change }))) done()
  }
  if (total > most) return <p class="small">{count(total)} conversations; at most {count(most)} are labelled at once. Narrow the range or the filters.</p>
  const label = text.trim()
  return (
    <form class="new-note" onSubmit={(e) => { e.preventDefault(); void apply({ add: [label], remove: [] }) }}>
      <p class="small">All {plural(total, 'conversation')} of this list, not only those shown.</p>
      <input class="control" aria-label="Label" placeholder="Label" maxLength={100} value={text} onInput={(e) => setText(e.currentTarget.value)} />
      <div class="row">
        <button class="button" disabled={busy || label === ''}>Add</button>
        <button type="button" class="button" disabled={busy || label === ''} onClick={() => void apply({ add: [], remove: [label] })}>Remove</button>
        <button type="button" class="button" disabled={busy} onClick={() => void apply(queued)}>To review</button>
      </div>
      {error && <p class="fault small" role="alert">{error.message}</p>}
    </form>
  )
}
