import { useEffect, useRef } from 'preact/hooks'
import { shortcuts } from '../state/preferences'

/** What a key does. Single keys can be switched off (WCAG 2.1.4); the palette's cannot. */
export interface Key {
  key: string // as KeyboardEvent.key, lower case; "mod+k" for ⌘K or Ctrl+K
  does: string // for the list of keys; "" leaves it out
  run: (event: KeyboardEvent) => void
}

/** Keys that work now: those of the page go before those of the shell. */
const active = { page: new Set<{ keys: Key[] }>(), shell: new Set<{ keys: Key[] }>() }

/** Makes keys work as long as the component is shown. */
export function useKeys(keys: Key[], level: 'page' | 'shell' = 'page'): void {
  const entry = useRef({ keys })
  entry.current.keys = keys
  useEffect(() => {
    const { current } = entry
    active[level].add(current)
    return () => {
      active[level].delete(current)
    }
  }, [level])
}

const working = () => [...active.page, ...active.shell].flatMap((entry) => entry.keys)

/** The keys that work now, for the list of keys. */
export function activeKeys(): Key[] {
  const seen = new Set<string>()
  return working().filter(({ key, does }) => does !== '' && !seen.has(key) && seen.add(key))
}

/** Starts listening. */
export function listenForKeys(): void {
  document.addEventListener('keydown', (event) => {
    const name = nameOf(event)
    if (!name || event.defaultPrevented) return
    const plain = !name.startsWith('mod+')
    if (plain && (!shortcuts.value || typing(event.target) || document.querySelector('dialog[open]'))) return
    const found = working().find(({ key }) => key === name)
    if (!found) return
    if (ownsKey(event.target, name)) return
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

/** Whether the control in focus has a use of its own for the key. */
function ownsKey(target: EventTarget | null, key: string): boolean {
  const uses: Record<string, string> = {
    ' ': 'button, summary, [role="button"]',
    enter: 'a, button, summary, [role="slider"]',
    arrowleft: '[role="tab"], [role="slider"]',
    arrowright: '[role="tab"], [role="slider"]',
  }
  const selector = uses[key]
  return selector !== undefined && target instanceof Element && target.closest(selector) !== null
}
