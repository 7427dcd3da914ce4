import { useState } from 'preact/hooks'
import { Icon } from './Icon'

/** Copies a text. Browsers give pages served over plain http no clipboard; there the old command still works. */
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false)
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'hidden'
  document.body.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  return done
}

/** Copies a text and says whether that worked. */
export function Copy({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [said, say] = useState(label)
  const copy = async () => {
    say((await copyText(text)) ? 'Copied' : 'Select and copy by hand')
    setTimeout(() => say(label), 2000)
  }
  return (
    <button type="button" class="button" onClick={copy}>
      <Icon name={said === 'Copied' ? 'check' : 'copy'} />
      <span aria-live="polite">{said}</span>
    </button>
  )
}

/** A piece of code to copy. It is text, whatever it contains. */
export function Snippet({ code, label }: { code: string; label: string }) {
  return (
    <div class="snippet">
      <pre tabIndex={0} role="region" aria-label={label}><code>{code}</code></pre>
      <Copy text={code} />
    </div>
  )
}
