import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { ask, apiUrl } from '../../api/client'
import type { CodeFunction } from '../../api/types'
import { Failure } from '../../components/States'
import { mayEdit } from '../../state/workspace'
import { draftsOf, type FieldDraft, fieldsPatch, newField, types } from './fields'

/** The settings that code reads, and their values. Sensitive ones go in and are never shown again. */
export function SettingsForm({ fn, saved }: { fn: CodeFunction; saved: () => void }) {
  const [name, setName] = useState(fn.name)
  const [fields, setFields] = useState(() => draftsOf(fn))
  const [said, say] = useState('')
  const { busy, error, run } = useAction()
  const locked = !mayEdit.value
  const set = (i: number, part: Partial<FieldDraft>) => {
    say('')
    setFields(fields.map((f, n) => (n === i ? { ...f, ...part } : f)))
  }
  const save = (event: Event) => {
    event.preventDefault()
    void run(async () => {
      const patch = fieldsPatch(fields, fn.settings)
      await ask(apiUrl(`functions/${encodeURIComponent(fn.id)}`), { method: 'PATCH', body: { ...patch, ...(name.trim() === fn.name ? {} : { name: name.trim() }) } })
      say(patch.settings ? 'Saved as a new version, which does not run before it is deployed.' : 'Saved.')
      saved()
    })
  }
  return (
    <form class="settings-form" onSubmit={save} autocomplete="off">
      <section>
        <label class="field"><span>Name</span><input class="control" required maxLength={200} disabled={locked} value={name} onInput={(e) => setName(e.currentTarget.value)} /></label>
      </section>
      <section>
        <h2>Settings <span class="quiet small">code reads them as settings.name; values count at once, for every version</span></h2>
        {fields.length === 0 && <p class="small quiet">None. Add one for keys and addresses, so that they do not stand in the code.</p>}
        {fields.map((f, i) => <Field key={i} field={f} at={i + 1} locked={locked} set={(part) => set(i, part)} remove={() => setFields(fields.filter((_, n) => n !== i))} />)}
        {!locked && <div><button type="button" class="button" onClick={() => setFields([...fields, newField])}>Add a setting</button></div>}
      </section>
      {error && <Failure error={error} />}
      {!locked && <div class="row"><button class="button primary" disabled={busy || !name.trim()}>Save</button><span class="small quiet" role="status">{said}</span></div>}
    </form>
  )
}

interface FieldProps { field: FieldDraft; at: number; locked: boolean; set: (part: Partial<FieldDraft>) => void; remove: () => void }

function Field({ field: f, at, locked, set, remove }: FieldProps) {
  const of = f.name || `setting ${at}`
  return (
    <fieldset class="function-field" disabled={locked}>
      <legend class="hidden">{of}</legend>
      <div class="pair">
        <label class="field"><span>Name in the code</span><input class="control mono" required pattern="[A-Za-z_][A-Za-z0-9_]*" maxLength={64} spellcheck={false} value={f.name} onInput={(e) => set({ name: e.currentTarget.value })} /></label>
        <label class="field"><span>Type</span><select class="control" value={f.type} onChange={(e) => set({ type: e.currentTarget.value as FieldDraft['type'] })}>{types.map(([type, word]) => <option key={type} value={type}>{word}</option>)}</select></label>
      </div>
      <Value {...{ field: f, set, of }} />
      <div class="row small">
        <label class="check"><input type="checkbox" checked={f.sensitive} onChange={(e) => set({ sensitive: e.currentTarget.checked })} />Secret: never shown again</label>
        <label class="check"><input type="checkbox" checked={f.required} onChange={(e) => set({ required: e.currentTarget.checked })} />Required</label>
        <button type="button" class="button plain danger" aria-label={`Remove ${of}`} onClick={remove}>Remove</button>
      </div>
    </fieldset>
  )
}

function Value({ field: f, set, of }: Pick<FieldProps, 'field' | 'set'> & { of: string }) {
  const kept = f.sensitive && f.set // and stays, until something else is typed
  const write = (value: string) => set({ value, touched: !(kept && value === '') })
  const label = `Value of ${of}`
  const shared = {
    class: 'control', 'aria-label': label, spellcheck: false, placeholder: kept ? 'kept; type to replace' : undefined, value: f.value,
    onInput: (e: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => write(e.currentTarget.value),
  }
  if (f.type === 'boolean') return <label class="check small"><input type="checkbox" aria-label={label} checked={f.value === 'true'} onChange={(e) => write(String(e.currentTarget.checked))} />Yes</label>
  return (
    <label class="field"><span>Value {f.type === 'array' && <span class="quiet">one a line</span>}{f.type === 'text_map' && <span class="quiet">name: text, one a line</span>}</span>
      {f.type !== 'string' ? <textarea {...shared} rows={3} /> : f.sensitive ? <input {...shared} type="password" autocomplete="new-password" /> : <input {...shared} autocomplete="off" />}
    </label>
  )
}
