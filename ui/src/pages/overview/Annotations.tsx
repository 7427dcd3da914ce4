import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import { type Resource, useGet } from '../../api/resource'
import type { Annotation, AnnotationList } from '../../api/types'
import { Icon } from '../../components/Icon'
import { Popover } from '../../components/Popover'
import { dateTime } from '../../format/time'
import { onlySource } from '../../state/filter'
import { view } from '../../state/location'
import { bounds, mayEdit, sourceNames, zone } from '../../state/workspace'
import { keyOf } from './annotationMarks'

/** The annotations of the range; of one source, when the view is narrowed to it. */
export function useAnnotations(): Resource<AnnotationList> {
  return useGet<AnnotationList>(apiUrl('annotations', { ...bounds.value, zone: zone.value, source: onlySource(view.value.filters) }))
}

const kinds: Readonly<Record<Annotation['kind'], string>> = { deploy: 'Deploy', prompt: 'Prompt', note: 'Note' }

/** What the lines on the chart stand for, and a way to add one. */
export function Annotations({ list, reload }: { list: readonly Annotation[]; reload: () => void }) {
  const removal = useAction()
  const remove = async (a: Annotation) => {
    if (await removal.run(() => ask(apiUrl(`annotations/${encodeURIComponent(a.id)}`), { method: 'DELETE' }))) reload()
  }
  return (
    <div class="row annotations">
      <ul class="marks" aria-label="Annotations">
        {list.map((a, i) => (
          <li key={a.id}>
            <span class="mark-key num">{keyOf(i)}</span><span class="num">{dateTime(a.at, zone.value)}</span><span class="quiet">{kinds[a.kind]}</span>
            <span>{a.text}</span>
            {a.source && <span class="quiet">{sourceNames.value.get(a.source) ?? a.source}</span>}
            {mayEdit.value && <button type="button" class="linkish" aria-label={`Remove annotation ${a.text}`} onClick={() => void remove(a)}>Remove</button>}
          </li>
        ))}
      </ul>
      {removal.error && <p class="small" role="alert">{removal.error.message}</p>}
      {mayEdit.value && (
        <Popover class="views-menu" label="Annotate" buttonClass="button plain" button={<><Icon name="flag" />Annotate</>}>
          {(close) => <Add done={() => { close(); reload() }} />}
        </Popover>
      )}
    </div>
  )
}

function Add({ done }: { done: () => void }) {
  const [text, setText] = useState('')
  const [kind, setKind] = useState<Annotation['kind']>('deploy')
  const [at, setAt] = useState('')
  const save = useAction()
  const submit = async (event: Event) => {
    event.preventDefault()
    const when = at ? { at: new Date(at).toISOString() } : {}
    if (await save.run(() => ask(apiUrl('annotations'), { method: 'POST', body: { text: text.trim(), kind, source: onlySource(view.value.filters), ...when } }))) done()
  }
  return (
    <form onSubmit={submit}>
      <label class="field"><span>What happened</span><input class="control" maxLength={500} value={text} onInput={(e) => setText(e.currentTarget.value)} /></label>
      <label class="field"><span>Kind</span>
        <select class="control" value={kind} onChange={(e) => setKind(e.currentTarget.value as Annotation['kind'])}>{Object.entries(kinds).map(([k, label]) => <option key={k} value={k}>{label}</option>)}</select>
      </label>
      <label class="field"><span>When, on this device’s clock; now if empty</span><input class="control" type="datetime-local" value={at} onInput={(e) => setAt(e.currentTarget.value)} /></label>
      {save.error && <p class="small" role="alert">{save.error.message}</p>}
      <button class="button" disabled={save.busy || !text.trim()}>Save</button>
      <p class="tiny quiet">From a pipeline: POST /api/v1/annotations with a token.</p>
    </form>
  )
}
