import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Destination, DestinationKind, FunctionList } from '../../api/types'
import { Json } from '../../components/Json'
import { Failure } from '../../components/States'
import { mayEdit } from '../../state/workspace'
import { type Draft, draftOf, mappingFault } from './form'
import { FilterFields, InsertFields } from './FilterFields'
import { SettingsFields } from './SettingsFields'
import { Trial } from './Trial'

/** The form of a destination: where, which calls, changed by what, in which shape. */
export function DestinationForm(props: { kind: DestinationKind; destination?: Destination; submit: string; save: (draft: Draft) => Promise<unknown> }) {
  const { kind, destination } = props
  const [draft, setDraft] = useState(() => draftOf(kind, destination))
  const [saved, setSaved] = useState(false)
  const { busy, error, run } = useAction()
  const functions = useGet<FunctionList>(apiUrl('functions')).data?.functions ?? []
  const locked = !mayEdit.value
  const fault = mappingFault(draft.mapping)
  const change = (part: Partial<Draft>) => {
    setSaved(false)
    setDraft((old) => ({ ...old, ...part }))
  }
  const save = async (event: Event) => {
    event.preventDefault()
    if (await run(() => props.save(draft))) {
      setDraft((old) => ({ ...old, secrets: {} }))
      setSaved(true)
    }
  }
  const shared = { kind, draft, change, locked }
  return (
    <form class="settings-form" onSubmit={save} autocomplete="off">
      <section>
        <h2>Where</h2>
        <label class="field"><span>Name</span><input class="control" required maxLength={100} disabled={locked} placeholder={kind.title} value={draft.name} onInput={(e) => change({ name: e.currentTarget.value })} /></label>
        <SettingsFields {...shared} kept={destination?.secrets_set ?? []} functions={functions} />
      </section>
      <section>
        <h2>Which calls</h2>
        <FilterFields {...shared} />
      </section>
      <section>
        <h2>Changed on the way <span class="quiet small">by insert functions, in this order</span></h2>
        <InsertFields {...shared} functions={functions} />
      </section>
      {kind.mapping !== undefined && (
        <section>
          <h2>Mapping <span class="quiet small">the payload of a call, in Segment’s directives</span></h2>
          <label class="field"><span>Mapping as JSON <span class="quiet">empty: the default of {kind.title}</span></span>
            <textarea class="control mono mapping" rows={draft.mapping ? Math.min(20, draft.mapping.split('\n').length + 1) : 3} spellcheck={false} disabled={locked} aria-invalid={fault !== ''} aria-describedby="mapping-fault" placeholder={JSON.stringify(kind.mapping)} value={draft.mapping} onInput={(e) => change({ mapping: e.currentTarget.value })} />
          </label>
          <p id="mapping-fault" class="small" role="status">{fault && <span class="mark bad">no JSON</span>} {fault}</p>
          <div class="row">
            <button type="button" class="button" disabled={locked} onClick={() => change({ mapping: JSON.stringify(kind.mapping, null, 2) })}>Begin with the default</button>
            {draft.mapping && <button type="button" class="button" disabled={locked} onClick={() => change({ mapping: '' })}>Use the default</button>}
          </div>
          <Example kind={kind} />
          <p class="small quiet"><code>{'{"@path": "$.properties.total"}'}</code> is what stands there, <code>{'{"@template": "{{event}} by {{userId}}"}'}</code> a text of it; <code>@if</code>, <code>@case</code>, <code>@replace</code>, <code>@arrayPath</code>, <code>@flatten</code>, <code>@json</code>, <code>@merge</code> and <code>@literal</code> are known too.</p>
        </section>
      )}
      <section>
        <h2>Retries</h2>
        <label class="field short"><span>Hours that a call is tried again <span class="quiet">at most 168</span></span>
          <input class="control" type="number" min={0} max={168} step="any" disabled={locked} placeholder="4" value={draft.retryHours} onInput={(e) => change({ retryHours: e.currentTarget.value })} />
        </label>
        <p class="small quiet">Time in which the place is down for everything does not count. What is given up is kept for 30 days, and can be sent again.</p>
      </section>
      {!locked && fault === '' && <Trial kind={kind} draft={draft} destination={destination} />}
      {error && <Failure error={error} />}
      {!locked && (
        <div class="row">
          <button class="button primary" disabled={busy || !draft.name.trim() || fault !== ''}>{busy ? 'Saving …' : props.submit}</button>
          <span class="small quiet" role="status">{saved && 'Saved.'}</span>
        </div>
      )}
    </form>
  )
}

/** A call and what is sent for it, as the kind shows it. */
export function Example({ kind }: { kind: DestinationKind }) {
  return (
    <div class="row-of-two">
      <Json label="A call, as an example" value={kind.example.call} />
      <Json label="What is sent for it" value={kind.example.sent} />
    </div>
  )
}
