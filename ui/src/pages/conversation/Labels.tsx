import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Conversation, FacetList } from '../../api/types'
import { Icon } from '../../components/Icon'
import { useKeys } from '../../shell/keys'
import { fieldIs } from '../../state/filter'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { changed, done, type LabelChange, named, queued, review, reviewed, star, toggled } from './labels'

/** What people mark the conversation with: a star, the queue of those to review, and labels of their own. */
export function Labels({ conversation, next }: { conversation: Conversation; next: () => void }) {
  const id = conversation.conversation_id
  const [now, setNow] = useState<string[]>() // after a change; before it, what the answer says
  const labels = now ?? conversation.labels ?? []
  const { busy, error, run } = useAction()
  const change = async (c: LabelChange) => {
    if (await run(() => ask(apiUrl(`conversations/${encodeURIComponent(id)}/labels`), { method: 'POST', body: c }))) setNow(changed(labels, c))
  }
  const waits = labels.includes(review)
  const finish = async () => {
    await change(waits ? done : queued)
    if (waits) next()
  }
  useKeys([
    { key: 's', does: 'Star', run: () => void change(toggled(labels, star)) },
    { key: 'r', does: 'Queue for review; in the queue: reviewed, and on to the next', run: () => void finish() },
  ])
  const starred = labels.includes(star)
  return (
    <section>
      <h2>Labels</h2>
      <div class="chips">
        <button type="button" class="button" aria-pressed={starred} disabled={busy} onClick={() => void change(toggled(labels, star))}><Icon name={starred ? 'starred' : 'feedback'} />{starred ? 'Starred' : 'Star'} <kbd>S</kbd></button>
        <button type="button" class="button" aria-pressed={waits} disabled={busy} onClick={() => void finish()}><Icon name="check" />{waits ? 'Reviewed, next' : labels.includes(reviewed) ? 'Review again' : 'To review'} <kbd>R</kbd></button>
        {named(labels).map((label) => (
          <span class="chip" key={label}>
            <a class="chip-text" href={hrefTo('/conversations', { ...view.value, filters: [fieldIs('label', label)] })}>{label}</a>
            <button type="button" aria-label={`Remove the label ${label}`} disabled={busy} onClick={() => void change(toggled(labels, label))}>×</button>
          </span>
        ))}
      </div>
      <NewLabel add={(label) => void change({ add: [label], remove: [] })} />
      {labels.includes(reviewed) && <p class="tiny quiet">Reviewed.</p>}
      {error && <p class="fault small" role="alert">{error.message}</p>}
    </section>
  )
}

/** Adds a label; those in use are offered. */
function NewLabel({ add }: { add: (label: string) => void }) {
  const [text, setText] = useState('')
  const inUse = useGet<FacetList>(apiUrl('conversations/facets', { fields: 'label', limit: 50 }))
  const names = named((inUse.data?.facets[0]?.values ?? []).flatMap((v) => v.value ?? []))
  const submit = (event: Event) => {
    event.preventDefault()
    if (text.trim() === '') return
    add(text.trim())
    setText('')
  }
  return (
    <form class="row new-label" onSubmit={submit}>
      <input class="control grow" aria-label="New label" placeholder="Add a label" maxLength={100} list="labels-in-use" value={text} onInput={(e) => setText(e.currentTarget.value)} />
      <button class="button" disabled={text.trim() === ''}>Add</button>
      <datalist id="labels-in-use">{names.map((n) => <option key={n} value={n} />)}</datalist>
    </form>
  )
}
