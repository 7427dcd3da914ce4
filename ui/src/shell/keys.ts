import { useEffect } from 'preact/hooks'
import { shortcuts } from '../state/preferences'

/** What a key does. Single keys can be switched off (WCAG 2.1.4); the palette's cannot. */
export interface Key {
  key: string // as KeyboardEvent.key, lower case; "mod+k" for ⌘K or Ctrl+K
  does: string // for the list of keys; "" leaves it out
  run: (event: KeyboardEvent) => void
}

/** Keys of the pages shown now; those added last go first. */
const active: Key[][] = []

/** Makes keys work as long as the component is shown. */
export function useKeys(keys: Key[]): void {
  useEffect(() => {
    active.unshift(keys)
    return () => {
      active.splice(active.indexOf(keys), 1)
    }
  })
}

/** The keys that work now, for the list of keys. */
export function activeKeys(): Key[] {
  const seen = new Set<string>()
  return active.flat().filter(({ key, does }) => does !== '' && !seen.has(key) && seen.add(key))
}

/** Starts listening. */
export function listenForKeys(): void {
  document.addEventListener('keydown', (event) => {
    const name = nameOf(event)
    if (!name || event.defaultPrevented) return
    const plain = !name.startsWith('mod+')
    if (plain && (!shortcuts.value || typing(event.target) || document.querySelector('dialog[open]'))) return
    const found = active.flat().find(({ key }) => key === name)
    if (!found) return
    if ((name === ' ' || name === 'enter' || name.startsWith('arrow')) && ownsKeys(event.target)) return
    event.preventDefault()
    found.run(event)
  })
}

function nameOf(event: KeyboardEvent): string | null {
  if (event.altKey || event.isComposing) return null
  const key = event.key.toLowerCase()
  if (event.metaKey || event.ctrlKey) return key === 'k' ? 'mod+k' : null
  return key
}

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Controls that have a use of their own for space, Enter or arrows. */
const ownsKeys = (target: EventTarget | null) =>
  target instanceof Element && target.closest('button, a, summary, [role="tab"], [role="slider"], [role="application"]') !== null
