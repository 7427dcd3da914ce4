import { useEffect, useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { ask, apiUrl } from '../../api/client'
import type { CodeFunction } from '../../api/types'
import { Failure } from '../../components/States'
import { mayEdit } from '../../state/workspace'
import { CodeEditor } from './CodeEditor'
import { drafts } from './drafts'
import { TryOut } from './TryOut'

/** The code of a function: change it, try it, save it, deploy it. */
export function Workshop({ fn, changed }: { fn: CodeFunction; changed: () => void }) {
  const [code, setCode] = useState(drafts.get(fn.id) ?? fn.code ?? '')
  const [note, setNote] = useState('')
  const [said, say] = useState('')
  const { busy, error, run } = useAction()
  const path = `functions/${encodeURIComponent(fn.id)}`
  const dirty = code !== (fn.code ?? '')
  const edit = (text: string) => {
    say('')
    setCode(text)
    if (text === fn.code) drafts.delete(fn.id)
    else drafts.set(fn.id, text)
  }
  useEffect(() => {
    if (!dirty) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [dirty])
  const save = (deploy: boolean) => run(async () => {
    let version = fn.version
    if (dirty) {
      version = (await ask<CodeFunction>(apiUrl(path), { method: 'PATCH', body: { code, note } })).version
      drafts.delete(fn.id)
      setNote('')
    }
    if (deploy) await ask(apiUrl(`${path}/deploy`), { method: 'POST', body: { version } })
    say(deploy ? `Version ${version} runs.` : `Saved as version ${version}. It does not run before it is deployed.`)
    changed()
  })
  return (
    <div class="draft">
      <CodeEditor label="Code in JavaScript" text={code} onInput={edit} readOnly={!mayEdit.value} />
      {mayEdit.value && (
        <form class="publish" onSubmit={(e) => { e.preventDefault(); void save(false) }}>
          <div class="row">
            <input class="control grow" aria-label="What is new" placeholder="What is new, for those who read the versions" maxLength={200} value={note} onInput={(e) => setNote(e.currentTarget.value)} />
            <button class="button" disabled={busy || !dirty}>Save version {fn.version + 1}</button>
            <button type="button" class="button primary" disabled={busy || (!dirty && fn.deployed === fn.version)} onClick={() => save(true)}>{dirty ? 'Save and deploy' : `Deploy version ${fn.version}`}</button>
            {dirty && <button type="button" class="button" onClick={() => edit(fn.code ?? '')}>Drop changes</button>}
          </div>
          <p class="small" role="status">{said}</p>
          {error && <Failure error={error} />}
        </form>
      )}
      <TryOut fn={fn} code={code} />
    </div>
  )
}
