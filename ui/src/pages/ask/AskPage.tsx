import { useEffect, useRef, useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { ApiError, ask, apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { SavedQuery, SavedQueryList, SQLAnswer, SQLSchema } from '../../api/types'
import { Dialog } from '../../components/Dialog'
import { Failure, Waiting } from '../../components/States'
import { changeParams, params } from '../../state/location'
import { mayEdit } from '../../state/workspace'
import { Answer } from './Answer'
import { type ChartKind, example, kindOf, mostInAddress } from './answer'
import { Side } from './Side'

/** SQL over one's own events. What was run is in the address: a link runs it again. */
export function AskPage() {
  const inAddress = params.value.get('sql')
  const kind = kindOf(params.value.get('chart'))
  const saved = params.value.get('saved') ?? undefined
  const [text, setText] = useState(inAddress ?? example)
  const [long, setLong] = useState<string | null>(null) // a statement too long for the address
  const asked = long ?? inAddress
  const run = useRun(asked)
  const area = useRef<HTMLTextAreaElement>(null)
  const schema = useGet<SQLSchema>(apiUrl('sql'))
  const queries = useGet<SavedQueryList>(apiUrl('queries'))
  const chosen = queries.data?.queries.find((q) => q.id === saved)

  // Back, forward and links change the address, and with it the text.
  useEffect(() => {
    if (inAddress !== null) setText(inAddress)
  }, [inAddress])

  const start = () => {
    if (text.trim() === '') return
    const fits = text.length <= mostInAddress
    setLong(fits ? null : text)
    if (asked === text) run.again()
    if (fits) changeParams({ sql: text, chart: kind === 'table' ? undefined : kind, saved })
  }
  const open = (q: SavedQuery) => {
    setText(q.sql)
    setLong(q.sql.length <= mostInAddress ? null : q.sql)
    changeParams({ sql: q.sql.length <= mostInAddress ? q.sql : undefined, chart: q.chart === 'table' ? undefined : q.chart, saved: q.id })
  }
  const insert = (word: string) => {
    const box = area.current
    const [from, to] = [box?.selectionStart ?? text.length, box?.selectionEnd ?? text.length]
    setText(text.slice(0, from) + word + text.slice(to))
    requestAnimationFrame(() => {
      box?.focus()
      box?.setSelectionRange(from + word.length, from + word.length)
    })
  }
  const choose = (k: ChartKind) => changeParams({ chart: k === 'table' ? undefined : k }, { replace: true })
  return (
    <>
      <div class="page-head"><h1>Ask</h1></div>
      <div class="asking">
        <section class="ask" aria-label="Statement and answer">
          <form class="statement" onSubmit={(e) => { e.preventDefault(); start() }}>
            <label class="field"><span>SQL <span class="quiet small">one SELECT over the tables beside</span></span>
              <textarea ref={area} class="control sql" rows={Math.min(18, Math.max(5, text.split('\n').length + 1))} spellcheck={false} autocomplete="off" wrap="off" maxLength={32768} value={text}
                onInput={(e) => setText(e.currentTarget.value)}
                onKeyDown={(e) => { if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); start() } }} />
            </label>
            <div class="row">
              <button class="button primary" disabled={run.busy || text.trim() === ''}>Run <kbd>Ctrl Enter</kbd></button>
              {run.busy && <button type="button" class="button" onClick={run.stop}>Stop</button>}
              {mayEdit.value && <Saving text={text} kind={kind} chosen={chosen} changed={(id) => { queries.reload(); changeParams({ saved: id }, { replace: true }) }} />}
            </div>
          </form>
          {run.error && <Failure error={run.error} />}
          {run.busy && <div class="busy"><Waiting what="Asking" /></div>}
          {run.answer && !run.error && <Answer answer={run.answer} kind={kind} choose={choose} />}
        </section>
        <Side schema={schema} queries={queries} chosen={saved} open={open} insert={insert} />
      </div>
    </>
  )
}

/** Runs a statement whenever it changes, and when it is asked for again. */
function useRun(statement: string | null) {
  const [state, setState] = useState<{ answer?: SQLAnswer; error?: ApiError; busy: boolean }>({ busy: false })
  const [turn, setTurn] = useState(0)
  const running = useRef<AbortController | null>(null)
  useEffect(() => {
    if (statement === null) {
      setState({ busy: false })
      return
    }
    const abort = new AbortController()
    running.current = abort
    setState((old) => ({ answer: old.answer, busy: true }))
    ask<SQLAnswer>(apiUrl('sql'), { method: 'POST', body: { sql: statement }, signal: abort.signal }).then(
      (answer) => { if (!abort.signal.aborted) setState({ answer, busy: false }) },
      (e: unknown) => {
        if (!abort.signal.aborted) setState({ busy: false, error: e instanceof ApiError ? e : new ApiError(0, 'unreadable', String(e)) })
      },
    )
    return () => abort.abort()
  }, [statement, turn])
  return {
    ...state,
    again: () => setTurn((n) => n + 1),
    stop: () => {
      running.current?.abort()
      setState((old) => ({ answer: old.answer, busy: false }))
    },
  }
}

/** Keeps the statement: anew under a name, or in the place of the saved one that is open. */
function Saving({ text, kind, chosen, changed }: { text: string; kind: ChartKind; chosen: SavedQuery | undefined; changed: (id: string | undefined) => void }) {
  const [naming, setNaming] = useState(false)
  const [name, setName] = useState('')
  const action = useAction()
  const body = { sql: text, chart: kind }
  const create = (event: Event) => {
    event.preventDefault()
    void action.run(async () => {
      const made = await ask<SavedQuery>(apiUrl('queries'), { method: 'POST', body: { ...body, name: name.trim() } })
      setNaming(false)
      setName('')
      changed(made.id)
    })
  }
  const update = () => void action.run(async () => { if (chosen) { await ask(apiUrl(`queries/${chosen.id}`), { method: 'PATCH', body }); changed(chosen.id) } })
  const remove = () => void action.run(async () => { if (chosen) { await ask(apiUrl(`queries/${chosen.id}`), { method: 'DELETE' }); changed(undefined) } })
  return (
    <>
      <button type="button" class="button" disabled={text.trim() === ''} onClick={() => setNaming(true)}>Save as …</button>
      {chosen && <button type="button" class="button" disabled={action.busy || chosen.sql === text && chosen.chart === kind} onClick={update}>Save “{chosen.name}”</button>}
      {chosen && <button type="button" class="button plain danger" disabled={action.busy} onClick={remove}>Remove</button>}
      {action.error && !naming && <Failure error={action.error} />}
      {naming && (
        <Dialog label="Save the statement" onClose={() => setNaming(false)}>
          <form class="define" onSubmit={create}>
            <h2>Save the statement</h2>
            <label class="field"><span>Name</span><input class="control" maxLength={100} value={name} onInput={(e) => setName(e.currentTarget.value)} /></label>
            {action.error && <Failure error={action.error} />}
            <div class="row"><button class="button primary" disabled={action.busy || !name.trim()}>Save</button><button type="button" class="button" onClick={() => setNaming(false)}>Cancel</button></div>
          </form>
        </Dialog>
      )}
    </>
  )
}
