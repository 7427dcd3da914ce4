import { Copy } from './Copy'

/** JSON that opens on demand, with a way to copy it. Texts are shown as they are. */
export function Json({ label, value, open = false }: { label: string; value: unknown; open?: boolean }) {
  const text = typeof value === 'string' ? pretty(value) : JSON.stringify(value, null, 2)
  return (
    <details class="payload" open={open}>
      <summary>{label}</summary>
      <pre class="json" tabIndex={0} role="region" aria-label={label}>{text}</pre>
      <Copy text={text} />
    </details>
  )
}

/** A text that may be JSON, for reading. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
