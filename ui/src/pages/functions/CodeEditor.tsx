import { useId, useRef } from 'preact/hooks'
import { breakLine, type Edit, indent, outdent } from './text'

/** Code with line numbers. Tab indents; after Escape it moves on, so that nobody is caught by the keyboard. */
export function CodeEditor({ label, text, onInput, readOnly }: { label: string; text: string; onInput?: (text: string) => void; readOnly?: boolean }) {
  const id = useId()
  const leaving = useRef(false)
  const lines = text.split('\n').length
  const keys = (event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }) => {
    if (event.key === 'Escape') {
      leaving.current = true
      return
    }
    const change = event.ctrlKey || event.metaKey || event.altKey || readOnly ? undefined
      : event.key === 'Tab' && !leaving.current ? (event.shiftKey ? outdent : indent)
        : event.key === 'Enter' && !event.shiftKey ? breakLine : undefined
    if (event.key !== 'Shift') leaving.current = false
    if (!change) return
    event.preventDefault()
    const area = event.currentTarget
    put(area, change({ text: area.value, start: area.selectionStart, end: area.selectionEnd }))
    onInput?.(area.value)
  }
  return (
    <div class="editing">
      <div class="editor">
        <ol class="gutter" aria-hidden="true">{Array.from({ length: lines }, (_, i) => <li key={i}>{i + 1}</li>)}</ol>
        <textarea aria-label={label} aria-describedby={readOnly ? undefined : id} spellcheck={false} autocapitalize="off" wrap="off" rows={lines} readOnly={readOnly} value={text}
          onKeyDown={keys} onBlur={() => { leaving.current = false }} onInput={(e) => onInput?.(e.currentTarget.value)} />
      </div>
      {!readOnly && <p class="tiny quiet" id={id}><kbd>Tab</kbd> indents; <kbd>Esc</kbd> and then <kbd>Tab</kbd> moves on.</p>}
    </div>
  )
}

/** Changes what differs by way of the browser, so that undo knows it. */
function put(area: HTMLTextAreaElement, to: Edit): void {
  const from = area.value
  let head = 0
  while (head < from.length && head < to.text.length && from[head] === to.text[head]) head++
  let tail = 0
  while (tail < from.length - head && tail < to.text.length - head && from[from.length - 1 - tail] === to.text[to.text.length - 1 - tail]) tail++
  area.setSelectionRange(head, from.length - tail)
  const insert = to.text.slice(head, to.text.length - tail)
  if (from !== to.text && !document.execCommand(insert ? 'insertText' : 'delete', false, insert)) area.value = to.text
  area.setSelectionRange(to.start, to.end)
}
