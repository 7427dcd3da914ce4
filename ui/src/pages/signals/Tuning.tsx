import { useEffect, useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import { useGet } from '../../api/resource'
import type { SignalDefinition, SignalFinding, SignalPreview } from '../../api/types'
import { Failure } from '../../components/States'
import { count } from '../../format/number'
import { dateTime } from '../../format/time'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, zone } from '../../state/workspace'
import { bounded, previewParams, rule, same, stepOf } from './words'

/** The thresholds of a signal, with what others would find in the last week before they are saved. */
export function Tuning({ signal, changed }: { signal: SignalDefinition; changed: () => void }) {
  const [values, setValues] = useState<Readonly<Record<string, number>>>({})
  const [off, setOff] = useState(signal.off)
  const still = useSettled({ values, off })
  const preview = useGet<SignalPreview>(apiUrl(`signals/${signal.name}/preview`, previewParams(signal, still.values, still.off)))
  const save = useAction()
  const untouched = same(signal, values, off)
  const put = (body: unknown) => save.run(async () => {
    await ask(apiUrl(`signals/${signal.name}`), { method: 'PUT', body })
    changed()
  })
  return (
    <section class="figure tuning" aria-label="Thresholds">
      <header><h2>Thresholds</h2></header>
      <p class="small">{rule(signal, values)}</p>
      <div class="thresholds">
        {signal.thresholds.map((t) => {
          const set = (v: number) => setValues({ ...values, [t.name]: bounded(v, t) })
          const value = values[t.name] ?? t.value
          return (
            <div key={t.name} class="threshold">
              <label for={`threshold-${t.name}`}>{t.title}</label>
              <input type="range" aria-label={`${t.title}, slider`} min={t.min} max={t.max} step={stepOf(t.max)} value={value} disabled={!mayEdit.value} onInput={(e) => set(e.currentTarget.valueAsNumber)} />
              <input id={`threshold-${t.name}`} class="control num" type="number" min={t.min} max={t.max} step="any" value={value} disabled={!mayEdit.value} onChange={(e) => set(e.currentTarget.valueAsNumber)} />
              <span class="tiny quiet num">{t.unit && `${t.unit} · `}default {t.default}</span>
            </div>
          )
        })}
        <label class="row small"><input type="checkbox" checked={!off} disabled={!mayEdit.value} onChange={(e) => setOff(!e.currentTarget.checked)} /> In use</label>
      </div>
      {preview.error ? <Failure error={preview.error} retry={preview.reload} /> : preview.data && <Difference preview={preview.data} untouched={untouched} busy={preview.loading || still.values !== values || still.off !== off} />}
      {mayEdit.value && (
        <div class="row">
          <button type="button" class="button primary" disabled={untouched || save.busy} onClick={() => void put({ off, thresholds: Object.fromEntries(signal.thresholds.map((t) => [t.name, values[t.name] ?? t.value])) })}>Save</button>
          <button type="button" class="button" disabled={untouched || save.busy} onClick={() => { setValues({}); setOff(signal.off) }}>Undo</button>
          <button type="button" class="button" disabled={!signal.changed || save.busy} onClick={() => void put({})}>Back to the defaults</button>
          <span class="tiny quiet">Saving analyses history again, in the background.</span>
        </div>
      )}
      {save.error && <Failure error={save.error} />}
    </section>
  )
}

/** A value once it has not changed for a moment. */
function useSettled<T extends object>(value: T): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), 300)
    return () => clearTimeout(timer)
  }, Object.values(value))
  return settled
}

function Difference({ preview: p, untouched, busy }: { preview: SignalPreview; untouched: boolean; busy: boolean }) {
  return (
    <div class={`difference ${busy ? 'busy' : ''}`} role="status">
      <p class="small num">
        Last seven days: <b>{count(p.now)}</b> {untouched ? '' : <>now, <b>{count(p.then)}</b> then, </>}of {count(p.conversations)} conversations{p.of > p.conversations && ` (the newest of ${count(p.of)})`}.
      </p>
      {!untouched && <Findings title="Gained" findings={p.gained} />}
      {!untouched && <Findings title="Lost" findings={p.lost} />}
    </div>
  )
}

function Findings({ title, findings }: { title: string; findings: readonly SignalFinding[] }) {
  if (findings.length === 0) return null
  return (
    <div>
      <h3>{title}</h3>
      <ul class="found-in">
        {findings.map((f) => (
          <li key={f.conversation_id}>
            <a class="link" href={`${hrefTo(`/conversations/${encodeURIComponent(f.conversation_id)}`, view.value)}#event-${f.event_id}`}>{f.reason}</a>
            <span class="tiny quiet num">{dateTime(f.at, zone.value)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
