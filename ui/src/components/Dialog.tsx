import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** A modal dialog; the browser keeps the focus inside and gives it back. */
export function Dialog(props: { label: string; onClose: () => void; class?: string; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null)
  const gone = useRef(false) // a dialog that was taken away still says that it closed
  useEffect(() => {
    const dialog = ref.current
    if (!dialog?.open) dialog?.showModal()
    return () => {
      gone.current = true
      dialog?.close()
    }
  }, [])
  return (
    <dialog ref={ref} class={props.class} aria-label={props.label} onClose={() => { if (!gone.current) props.onClose() }}
      onClick={(event) => event.target === event.currentTarget && props.onClose()}>
      {props.children}
    </dialog>
  )
}
