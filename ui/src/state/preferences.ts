import { effect, signal } from '@preact/signals'

/** What a person prefers on this device; never part of a link. */
export type Theme = 'auto' | 'light' | 'dark'

export const theme = signal<Theme>(readTheme())
export const shortcuts = signal(read('shortcuts') !== 'off')
export const columns = signal<readonly string[] | null>(read('columns')?.split(',') ?? null)

function readTheme(): Theme {
  const stored = read('theme')
  return stored === 'light' || stored === 'dark' ? stored : 'auto'
}

/** Storage may be forbidden; then preferences last as long as the page. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(`debrief.${key}`)
  } catch {
    return null
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(`debrief.${key}`, value)
  } catch {
    // Forbidden: see read.
  }
}

/** Applies preferences to the document, and keeps them. */
export function applyPreferences(): void {
  effect(() => {
    const root = document.documentElement
    if (theme.value === 'auto') root.removeAttribute('data-theme')
    else root.setAttribute('data-theme', theme.value)
    write('theme', theme.value)
  })
  effect(() => write('shortcuts', shortcuts.value ? 'on' : 'off'))
  effect(() => {
    if (columns.value) write('columns', columns.value.join(','))
  })
}
