import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { ask, apiUrl } from '../../api/client'
import type { CodeFunction, NewFunction } from '../../api/types'
import { Failure } from '../../components/States'
import { changeParams, navigate, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { sources } from '../../state/workspace'
import { type Kind, kinds } from './kinds'
import { functionHref } from './link'

/** Names a function and chooses its kind; its code begins as an example. */
export function NewFunctionPage() {
  const asked = params.value.get('kind')
  const kind: Kind = asked && asked in kinds ? (asked as Kind) : 'insert'
  const [name, setName] = useState('')
  const [source, setSource] = useState(sources.value[0]?.id ?? '')
  const { busy, error, run } = useAction()
  const create = (event: Event) => {
    event.preventDefault()
    const body: NewFunction = { name: name.trim(), kind, code: kinds[kind].code, ...(kind === 'source' ? { source } : {}) }
    void run(async () => {
      const made = await ask<CodeFunction>(apiUrl('functions'), { method: 'POST', body })
      navigate(functionHref(made.id, view.value))
    })
  }
  return (
    <>
      <div class="page-head"><div class="grow"><p class="crumbs"><a href={hrefTo('/data/functions', view.value)}>Functions</a></p><h1>Write a function</h1></div></div>
      <form class="settings-form" onSubmit={create}>
        <section>
          <label class="field"><span>Name</span><input class="control" required maxLength={200} placeholder="Plan of the person" value={name} onInput={(e) => setName(e.currentTarget.value)} /></label>
          <fieldset class="field">
            <legend>Kind</legend>
            {(Object.keys(kinds) as Kind[]).map((k) => (
              <label class="check" key={k}><input type="radio" name="kind" checked={k === kind} onChange={() => changeParams({ kind: k === 'insert' ? undefined : k }, { replace: true })} /><span>{kinds[k].title} <span class="quiet small">{kinds[k].does}</span></span></label>
            ))}
          </fieldset>
          {kind === 'source' && (
            <label class="field"><span>Its calls come from the source</span>
              <select class="control" required value={source} onChange={(e) => setSource(e.currentTarget.value)}>{sources.value.map((s) => <option key={s.id} value={s.id}>{s.name}</option>)}</select>
            </label>
          )}
        </section>
        {error && <Failure error={error} />}
        <div class="row"><button class="button primary" disabled={busy || !name.trim()}>Write its code</button><span class="small quiet">Nothing runs before you deploy it.</span></div>
      </form>
    </>
  )
}
