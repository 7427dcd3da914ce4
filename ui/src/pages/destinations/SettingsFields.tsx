import { useId } from 'preact/hooks'
import type { CodeFunction, DestinationKind, DestinationSetting } from '../../api/types'
import type { Draft } from './form'
import { Prose } from './Prose'

interface Props {
  kind: DestinationKind
  draft: Draft
  kept: readonly string[] // keys of secrets that have a value
  functions: readonly CodeFunction[]
  change: (change: Partial<Draft>) => void
  locked: boolean
}

/** The settings of a destination, as its kind describes them. Secrets go in and are never shown again. */
export function SettingsFields(props: Props) {
  return <>{props.kind.settings.map((s) => <Field key={s.key} {...props} setting={s} />)}</>
}

function Field({ setting: s, ...props }: Props & { setting: DestinationSetting }) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{s.label}{!s.required && <span class="quiet"> optional</span>}</label>
      {s.secret ? <Secret id={id} setting={s} {...props} /> : <Plain id={id} setting={s} {...props} />}
      {s.doc && <p class="small quiet" id={`${id}-doc`}><Prose text={s.doc} /></p>}
    </div>
  )
}

type FieldProps = Props & { setting: DestinationSetting; id: string }

function Plain({ id, setting: s, kind, draft, functions, change, locked }: FieldProps) {
  const value = draft.settings[s.key] ?? ''
  const set = (to: string) => change({ settings: { ...draft.settings, [s.key]: to } })
  const shared = { id, 'aria-describedby': s.doc ? `${id}-doc` : undefined, disabled: locked }
  const ours = functions.filter((f) => f.kind === 'destination')
  if (kind.name === 'function' && s.key === 'function' && ours.length > 0) {
    return (
      <select {...shared} class="control" required={s.required} value={value} onChange={(e) => set(e.currentTarget.value)}>
        <option value="">choose one</option>
        {ours.map((f) => <option key={f.id} value={f.id}>{f.name}{f.deployed === 0 && ', not deployed'}</option>)}
      </select>
    )
  }
  switch (s.type) {
    case 'choice': return (
      <select {...shared} class="control" value={value} onChange={(e) => set(e.currentTarget.value)}>
        {!s.default && !s.required && <option value="">not set</option>}
        {s.choices.map((c) => <option key={c} value={c}>{c}</option>)}
      </select>
    )
    case 'boolean': return <span><input {...shared} type="checkbox" checked={value === 'true'} onChange={(e) => set(String(e.currentTarget.checked))} /></span>
    case 'map': return <textarea {...shared} class="control mono" rows={3} spellcheck={false} placeholder={s.example} value={value} onInput={(e) => set(e.currentTarget.value)} />
    case 'number': return <input {...shared} class="control" type="number" min={0} required={s.required} placeholder={s.example} value={value} onInput={(e) => set(e.currentTarget.value)} />
    default: return <input {...shared} class="control" required={s.required} spellcheck={false} autocomplete="off" placeholder={s.example} value={value} onInput={(e) => set(e.currentTarget.value)} />
  }
}

function Secret({ id, setting: s, draft, kept, change, locked }: FieldProps) {
  const typed = draft.secrets[s.key]
  const has = kept.includes(s.key)
  const set = (to: string | undefined) => {
    const { [s.key]: _, ...others } = draft.secrets
    change({ secrets: to === undefined ? others : { ...others, [s.key]: to } })
  }
  const shared = {
    id, class: 'control grow', 'aria-describedby': s.doc ? `${id}-doc` : undefined, disabled: locked, spellcheck: false, autocomplete: 'new-password' as const,
    required: s.required && !has, placeholder: has ? 'kept; type to replace' : s.example, value: typed ?? '',
    onInput: (e: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => set(e.currentTarget.value || undefined),
  }
  if (has && typed === '') return <p class="row small">Removed when you save. <button type="button" class="button" onClick={() => set(undefined)}>Keep it</button></p>
  return (
    <div class="row secret">
      {s.type === 'map' || s.example.includes('\n') ? <textarea {...shared} rows={3} /> : s.type === 'url' ? <input {...shared} /> : <input {...shared} type="password" />}
      {has && !s.required && !locked && <button type="button" class="button" aria-label={`Remove ${s.label}`} onClick={() => set('')}>Remove</button>}
    </div>
  )
}
