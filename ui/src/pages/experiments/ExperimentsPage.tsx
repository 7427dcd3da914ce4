import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import { useGet } from '../../api/resource'
import type { ExperimentList, ExperimentResult, FacetList } from '../../api/types'
import { Empty, Failure, Waiting } from '../../components/States'
import { count } from '../../format/number'
import { navigate, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, metrics, zone } from '../../state/workspace'
import { definition, verdictTitle, verdictTone } from './verdicts'

/** Which prompt or model is better? */
export function ExperimentsPage() {
  const { data, error, reload } = useGet<ExperimentList>(apiUrl('experiments'))
  return (
    <>
      <div class="page-head"><h1>Experiments</h1></div>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : data.experiments.length === 0
        ? <Empty title="No experiment yet"><p>Have your clients send which variant a conversation has (a property such as <code>prompt_version</code>), then compare variants here. Verdicts survive looking every day.</p></Empty>
        : (
          <div class="table-wrap">
            <table class="table">
              <thead><tr><th scope="col">Experiment</th><th scope="col">Variants</th><th scope="col">Decides</th><th scope="col" class="right">Units</th><th scope="col">Verdict</th></tr></thead>
              <tbody>{data.experiments.map((e) => <Row key={e.name} name={e.name} field={e.field} variants={e.variants.map((v) => v.value)} primary={e.primary} />)}</tbody>
            </table>
          </div>
        )}
      {mayEdit.value && <Define taken={data?.experiments.map((e) => e.name) ?? []} />}
    </>
  )
}

function Row({ name, field, variants, primary }: { name: string; field: string; variants: readonly string[]; primary: string }) {
  const { data, error } = useGet<ExperimentResult>(apiUrl(`experiments/${encodeURIComponent(name)}/result`, { zone: zone.value }))
  return (
    <tr>
      <td><a class="link" href={hrefTo(`/experiments/${encodeURIComponent(name)}`, view.value)}>{name}</a></td>
      <td>{variants.join(' · ')} <span class="quiet">of {field.replace(/^properties\./, '')}</span></td>
      <td>{data?.primary.title ?? primary}</td>
      <td class="right">{data ? count(data.units) : error ? '–' : '…'}</td>
      <td>{error ? <span class="small" role="alert">{error.message}</span> : data ? <span class={`mark ${verdictTone(data.verdict)}`}>{verdictTitle(data.verdict)}</span> : '…'}</td>
    </tr>
  )
}

/** Names the field and its values that are the variants, and what decides. */
function Define({ taken }: { taken: readonly string[] }) {
  const [name, setName] = useState('')
  const [field, setField] = useState('properties.prompt_version')
  const [variants, setVariants] = useState<readonly string[]>([])
  const [unit, setUnit] = useState<'conversation' | 'person'>('conversation')
  const [primary, setPrimary] = useState('resolved_rate')
  const [guardrail, setGuardrail] = useState('')
  const save = useAction()
  const values = useGet<FacetList>(field.trim() ? apiUrl('conversations/facets', { fields: field.trim(), limit: 20 }) : null)
  const known = (values.data?.facets[0]?.values ?? []).flatMap((v) => (v.value === null ? [] : [{ value: v.value as string, n: v.count }]))
  const usable = metrics.value.filter((m) => m.grain === 'conversations' && m.better !== 'none' && (m.unit === 'ratio' || m.stats.includes('mean')))
  const toggle = (v: string) => setVariants(variants.includes(v) ? variants.filter((o) => o !== v) : [...variants, v])
  const submit = async (event: Event) => {
    event.preventDefault()
    const done = await save.run(() => ask(apiUrl(`experiments/${encodeURIComponent(name.trim())}`), { method: 'PUT', body: definition(field, variants, unit, primary, guardrail) }))
    if (done) navigate(hrefTo(`/experiments/${encodeURIComponent(name.trim())}`, view.value))
  }
  return (
    <form class="define" onSubmit={submit}>
      <h2>Define an experiment</h2>
      {save.error && <Failure error={save.error} />}
      <label class="field"><span>Name</span><input class="control" maxLength={100} placeholder="Prompt 7" value={name} onInput={(e) => setName(e.currentTarget.value)} /></label>
      {taken.includes(name.trim()) && <p class="small quiet">There is one of this name: saving replaces it.</p>}
      <label class="field"><span>Field whose value is the variant</span>
        <input class="control" list="variant-fields" value={field} onInput={(e) => { setField(e.currentTarget.value); setVariants([]) }} />
        <datalist id="variant-fields"><option value="properties.prompt_version" /><option value="model" /><option value="agent_id" /><option value="agent_version" /><option value="mode" /></datalist>
      </label>
      <fieldset class="field">
        <legend>Variants; the first chosen is the control</legend>
        {values.error ? <p class="small" role="alert">{values.error.message}</p> : known.length === 0 ? <p class="small quiet">No conversation has this field yet.</p> : (
          <div class="options">
            {known.map((v) => <label key={v.value} class="row"><input type="checkbox" checked={variants.includes(v.value)} onChange={() => toggle(v.value)} /> {v.value} {variants[0] === v.value && <span class="mark">control</span>} <span class="quiet num">{count(v.n)}</span></label>)}
          </div>
        )}
      </fieldset>
      <label class="field"><span>What was given a variant</span>
        <select class="control" value={unit} onChange={(e) => setUnit(e.currentTarget.value === 'person' ? 'person' : 'conversation')}>
          <option value="conversation">Conversations</option><option value="person">Persons</option>
        </select>
      </label>
      <label class="field"><span>Metric that decides</span>
        <select class="control" value={primary} onChange={(e) => setPrimary(e.currentTarget.value)}>{usable.map((m) => <option key={m.name} value={m.name}>{m.title}</option>)}</select>
      </label>
      <label class="field"><span>Guardrail, must not get worse</span>
        <select class="control" value={guardrail} onChange={(e) => setGuardrail(e.currentTarget.value)}><option value="">None</option>{usable.filter((m) => m.name !== primary).map((m) => <option key={m.name} value={m.name}>{m.title}</option>)}</select>
      </label>
      <div><button class="button primary" disabled={save.busy || !name.trim() || variants.length < 2}>Save</button></div>
    </form>
  )
}
