import { useState } from 'preact/hooks'
import { ask, apiUrl } from '../../api/client'
import { useAction } from '../../api/action'
import { useGet } from '../../api/resource'
import type { Plan, PlanList, PlanProblem } from '../../api/types'
import { Dialog } from '../../components/Dialog'
import { Failure } from '../../components/States'
import { plural } from '../../format/number'
import { navigate, view } from '../../state/location'
import { planHref } from '../plan/link'

type Way = 'builtin' | 'empty' | 'import'

const ways: readonly [Way, string][] = [['builtin', 'From a built-in plan'], ['empty', 'Empty'], ['import', 'Import']]

/** Adds a plan: a copy of a built-in one, an empty one, or one from a file. */
export function NewPlan({ builtin, onClose }: { builtin?: string; onClose: () => void }) {
  const plans = useGet<PlanList>(apiUrl('plans'))
  const builtins = (plans.data?.plans ?? []).filter((p) => p.builtin)
  const [way, setWay] = useState<Way>('builtin')
  const [base, setBase] = useState(builtin ?? '')
  const [name, setName] = useState(builtin ? `my-${builtin}` : '')
  const [text, setText] = useState('')
  const [found, setFound] = useState<Plan | null>(null)
  const { busy, error, run } = useAction()

  const open = (plan: Plan) => {
    onClose()
    navigate(planHref(plan.name, view.value, { tab: 'text' }))
  }
  const importing = (dry: boolean) => ask<Plan>(apiUrl('plans/import'), { method: 'POST', body: { text, name: name || undefined, dry_run: dry } })
  const add = (event: Event) => {
    event.preventDefault()
    void run(async () => {
      if (way === 'import') return found ? open(await importing(false)) : setFound(await importing(true))
      const body = way === 'builtin' ? { name, builtin: base || builtins[0]?.name } : { name, text: empty(name) }
      open(await ask<Plan>(apiUrl('plans'), { method: 'POST', body }))
    })
  }
  const pick = async (file: File | undefined) => {
    if (!file) return
    setFound(null)
    setText(await file.text())
  }
  return (
    <Dialog label="Add a plan" onClose={onClose}>
      <form class="dialog-body" onSubmit={add}>
        <h1>{builtin ? `Copy ${builtin}` : 'Add a plan'}</h1>
        {!builtin && <div class="segments" role="group" aria-label="How">{ways.map(([w, label]) => <button type="button" key={w} aria-pressed={way === w} onClick={() => { setWay(w); setFound(null) }}>{label}</button>)}</div>}
        {way === 'builtin' && !builtin && (
          <label class="field"><span>Built-in plan</span>
            <select class="control" value={base} onChange={(e) => setBase(e.currentTarget.value)}>{builtins.map((p) => <option key={p.name} value={p.name}>{p.name}</option>)}</select>
          </label>
        )}
        {way === 'import' && (
          <>
            <label class="field"><span>A file: a tracking plan of Segment, typewriter’s plan.json, or one of ours</span><input type="file" accept=".json,.yaml,.yml" onChange={(e) => void pick(e.currentTarget.files?.[0])} /></label>
            <label class="field"><span>Or its text</span><textarea class="control" rows={6} value={text} onInput={(e) => { setText(e.currentTarget.value); setFound(null) }} /></label>
          </>
        )}
        <label class="field"><span>Name{way === 'import' && ', if not the one that the file says'}</span><input class="control" required={way !== 'import'} pattern="[a-z0-9]+(-[a-z0-9]+)*" title="lower-case words with dashes" placeholder="web-copilot" value={name} onInput={(e) => { setName(e.currentTarget.value); setFound(null) }} /></label>
        {found && <Found plan={found} />}
        {error && <Failure error={error} />}
        <div class="dialog-foot"><button type="button" class="button" onClick={onClose}>Cancel</button><button class="button primary" disabled={busy || (way === 'import' ? !text.trim() : !name)}>{way === 'import' && !found ? 'Look what is in it' : way === 'import' ? 'Import' : 'Add'}</button></div>
      </form>
    </Dialog>
  )
}

const empty = (name: string) => `name: ${name}
description: ""
events:
  - name: Message Sent
    description: The user sends a message.
    schema:
      type: object
      required: [conversationId, messageId, message_body]
      properties:
        conversationId: {type: string, minLength: 1}
        messageId: {type: string, minLength: 1}
        message_body: {type: string}
      additionalProperties: true
`

/** What an import would make. */
function Found({ plan }: { plan: Plan }) {
  const events = (plan.document as { events?: unknown[] }).events?.length ?? 0
  return (
    <div class="notice" role="status">
      <span><b>{plan.name}</b>: {plural(events, 'event')}. {plan.problems.length === 0 ? 'Everything has a counterpart.' : `${plural(plan.problems.length, 'remark')}:`}</span>
      <ul class="small">{plan.problems.slice(0, 8).map((p: PlanProblem, i) => <li key={i}>{p.path && <code>{p.path}</code>} {p.message}</li>)}</ul>
    </div>
  )
}
