import { useEffect, useRef, useState } from 'preact/hooks'
import { type ApiError, ask, apiUrl } from '../../api/client'
import type { PlanLint, PlanProblem } from '../../api/types'
import { Failure } from '../../components/States'
import { plural } from '../../format/number'
import { linesOf, spanOf } from './lines'

/** The text of a plan with line numbers, and what is wrong with it as one types. */
export function Editor(props: { text: string; onInput: (text: string) => void; readOnly?: boolean; linted?: (lint: PlanLint) => void }) {
  const { text, onInput, readOnly } = props
  const [lint, setLint] = useState<PlanLint | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  const area = useRef<HTMLTextAreaElement>(null)

  useEffect(() => {
    const abort = new AbortController()
    const timer = setTimeout(() => {
      ask<PlanLint>(apiUrl('plans/lint'), { method: 'POST', body: { text }, signal: abort.signal }).then(
        (answer) => { setLint(answer); setError(null); props.linted?.(answer) },
        (e: ApiError) => { if (!abort.signal.aborted) setError(e) },
      )
    }, lint === null ? 0 : 350)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [text])

  const jump = (line: number) => {
    const box = area.current
    if (!box) return
    box.focus()
    box.setSelectionRange(...spanOf(text, line))
    const frame = box.closest('.editor')
    if (frame) frame.scrollTop = ((line - 1) / text.split('\n').length) * box.offsetHeight - frame.clientHeight / 3
  }
  const problems = lint?.problems ?? []
  const lines = linesOf(text, problems)
  return (
    <div class="editing">
      <div class="editor">
        <ol class="gutter" aria-hidden="true">{lines.map((l) => <li key={l.number} class={l.mark ?? ''}>{l.number}</li>)}</ol>
        <textarea ref={area} aria-label="Plan as YAML or JSON" aria-invalid={lint?.ok === false} aria-describedby="plan-problems" spellcheck={false} wrap="off" rows={lines.length} readOnly={readOnly} value={text} onInput={(e) => onInput(e.currentTarget.value)} />
      </div>
      {error && <Failure error={error} />}
      <Problems problems={problems} known={lint !== null} jump={jump} />
    </div>
  )
}

function Problems({ problems, known, jump }: { problems: readonly PlanProblem[]; known: boolean; jump: (line: number) => void }) {
  const errors = problems.filter((p) => p.severity === 'error').length
  const warnings = problems.length - errors
  return (
    <div id="plan-problems" class="problems">
      <p class="small" role="status">{!known ? 'Checking …' : problems.length === 0 ? 'No problems.' : [errors && plural(errors, 'error'), warnings && plural(warnings, 'warning')].filter(Boolean).join(', ')}</p>
      <ul class="small">
        {problems.map((p, i) => (
          <li key={i}>
            <span class={`mark ${p.severity === 'error' ? 'bad' : 'warn'}`}>{p.severity}</span>{' '}
            {p.line !== undefined && <button type="button" class="linkish" onClick={() => jump(p.line ?? 1)}>line {p.line}</button>}{' '}
            {p.path && <code>{p.path}</code>} {p.message}
          </li>
        ))}
      </ul>
    </div>
  )
}
