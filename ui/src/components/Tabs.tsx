import type { ComponentChildren } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'

/** Tabs as the ARIA practices describe them: one stop in the tab order, arrows move. */
export function Tabs(props: { label: string; small?: boolean; tabs: readonly { title: string; content: ComponentChildren }[] }) {
  const { tabs } = props
  const [at, setAt] = useState(0)
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 }
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    event.stopPropagation()
    const next = (at + move + tabs.length) % tabs.length
    setAt(next)
    list.current?.querySelectorAll('button')[next]?.focus()
  }
  return (
    <div class="tabbed">
      <div class={props.small ? 'segments' : 'tabs'} role="tablist" aria-label={props.label} ref={list} onKeyDown={onKeyDown}>
        {tabs.map((tab, i) => (
          <button type="button" role="tab" key={tab.title} id={`${id}-${i}`} aria-selected={i === at} aria-pressed={undefined} aria-controls={`${id}-panel`} tabIndex={i === at ? 0 : -1} onClick={() => setAt(i)}>{tab.title}</button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${at}`} class="panel">{tabs[at]?.content}</div>
    </div>
  )
}
