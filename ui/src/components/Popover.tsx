import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

/** A button that opens a panel below itself. Escape and a click elsewhere close it. */
export function Popover(props: {
  button: ComponentChildren
  label: string
  class?: string
  buttonClass?: string
  align?: 'left' | 'right'
  children: (close: () => void) => ComponentChildren
}) {
  const [open, setOpen] = useState(false)
  const anchor = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)

  useEffect(() => {
    if (!open) return
    const outside = (event: Event) => {
      if (event.target instanceof Node && !anchor.current?.contains(event.target)) setOpen(false)
    }
    const escape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      setOpen(false)
      button.current?.focus()
    }
    document.addEventListener('pointerdown', outside)
    document.addEventListener('keydown', escape)
    return () => {
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('keydown', escape)
    }
  }, [open])

  const close = () => {
    setOpen(false)
    button.current?.focus()
  }
  return (
    <div class="popover-anchor" ref={anchor}>
      <button type="button" ref={button} class={props.buttonClass ?? 'button'} aria-expanded={open} aria-haspopup="dialog" aria-label={props.label} onClick={() => setOpen(!open)}>
        {props.button}
      </button>
      {open && (
        <div class={`popover ${props.align === 'right' ? 'align-right' : ''} ${props.class ?? ''}`} role="dialog" aria-label={props.label}>
          {props.children(close)}
        </div>
      )}
    </div>
  )
}
