import { useEffect, useState } from 'preact/hooks'
import { ask, apiUrl } from '../../api/client'
import { useAction } from '../../api/action'
import type { Plan } from '../../api/types'
import { Failure } from '../../components/States'
import { plural } from '../../format/number'
import { drafts } from './drafts'
import { Editor } from './Editor'
import { Trial } from './Trial'

/** The editor of a plan: change, see what is wrong, test, publish. */
export function Draft({ plan, published }: { plan: Plan; published: () => void }) {
  const draft = drafts.get(plan.name)
  const [text, setText] = useState(draft?.text ?? plan.text)
  const [from, setFrom] = useState(draft?.from ?? plan.version)
  const [note, setNote] = useState('')
  const [ok, setOk] = useState(true)
  const { busy, error, run } = useAction()
  const changed = text !== plan.text

  const edit = (value: string) => {
    setText(value)
    if (value === plan.text) drafts.delete(plan.name)
    else drafts.set(plan.name, { text: value, from })
  }
  useEffect(() => {
    if (!changed) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [changed])

  const publish = (event: Event) => {
    event.preventDefault()
    void run(async () => {
      const made = await ask<Plan>(apiUrl(`plans/${encodeURIComponent(plan.name)}`), { method: 'PUT', body: { text, version: from, note } })
      drafts.delete(plan.name)
      setText(made.text)
      setFrom(made.version)
      setNote('')
      published()
    })
  }
  return (
    <div class="draft">
      {from !== plan.version && (
        <p class="notice warn"><span>Version {plan.version} was published since this draft was begun from version {from}.</span>
          <button type="button" class="button" onClick={() => setFrom(plan.version)}>Keep the draft, replace version {plan.version}</button>
          <button type="button" class="button" onClick={() => { setFrom(plan.version); edit(plan.text) }}>Drop the draft</button></p>
      )}
      <Editor text={text} onInput={edit} linted={(lint) => setOk(lint.ok)} />
      <Trial name={plan.name} text={text} />
      <form class="publish" onSubmit={publish}>
        <h2>Publish <span class="quiet small">{plan.sources.length === 0 ? 'no source follows this plan yet' : `${plural(plan.sources.length, 'source')} ${plan.sources.length === 1 ? 'follows' : 'follow'} it; those that follow the latest version are checked by the new one from the next call on`}</span></h2>
        <div class="row">
          <input class="control grow" aria-label="Why" placeholder="Why, for those who read the versions" maxLength={1000} value={note} onInput={(e) => setNote(e.currentTarget.value)} />
          <button class="button primary" disabled={busy || !changed || !ok}>{busy ? 'Publishing …' : `Publish version ${from + 1}`}</button>
          {changed && <button type="button" class="button" onClick={() => edit(plan.text)}>Drop changes</button>}
        </div>
        {error && from === plan.version && <Failure error={error} retry={error.status === 409 ? published : undefined} />}
        {!changed && <p class="small quiet">This is the published text.</p>}
        {changed && !ok && <p class="small quiet">A plan with an error cannot be published.</p>}
      </form>
    </div>
  )
}
