import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import { useGet } from '../../api/resource'
import type { NoteList } from '../../api/types'
import { dateTime } from '../../format/time'
import { zone } from '../../state/workspace'

/** What people wrote beside the conversation. */
export function Notes({ id }: { id: string }) {
  const url = apiUrl(`conversations/${encodeURIComponent(id)}/notes`)
  const { data, error: unread, reload } = useGet<NoteList>(url)
  const [text, setText] = useState('')
  const { busy, error, run } = useAction()
  const add = async (event: Event) => {
    event.preventDefault()
    if (await run(() => ask(url, { method: 'POST', body: { text } }))) {
      setText('')
      reload()
    }
  }
  const remove = async (note: string) => {
    if (await run(() => ask(apiUrl(`notes/${encodeURIComponent(note)}`), { method: 'DELETE' }))) reload()
  }
  return (
    <section>
      <h2>Notes {data && data.notes.length > 0 && <span class="quiet num">{data.notes.length}</span>}</h2>
      <ul class="notes">
        {data?.notes.map((n) => (
          <li key={n.id}>
            <p class="small quiet"><b>{n.author}</b> {dateTime(n.at, zone.value)} <button type="button" class="button plain" aria-label={`Remove the note of ${n.author}`} disabled={busy} onClick={() => void remove(n.id)}>Remove</button></p>
            <p class="note-text" dir="auto">{n.text}</p>
          </li>
        ))}
      </ul>
      <form class="new-note" onSubmit={(e) => void add(e)}>
        <textarea class="control" rows={2} maxLength={10_000} aria-label="New note" placeholder="What did you notice?" value={text} onInput={(e) => setText(e.currentTarget.value)} />
        <button class="button" disabled={busy || text.trim() === ''}>Add note</button>
      </form>
      {(error ?? unread) && <p class="fault small" role="alert">{(error ?? unread)?.message}</p>}
    </section>
  )
}
