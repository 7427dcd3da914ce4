import { useState } from 'preact/hooks'
import { Dialog } from '../components/Dialog'
import { type Command, commands } from './commands'

/** ⌘K: go anywhere, do anything, by typing. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const found = commands(text)
  const chosen = Math.min(at, found.length - 1)

  const run = (command: Command | undefined) => {
    onClose()
    command?.run()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 }
    const move = moves[event.key]
    if (move) {
      event.preventDefault()
      const next = (chosen + move + found.length) % found.length
      setAt(next)
      document.getElementById(`command-${next}`)?.scrollIntoView({ block: 'nearest' })
    } else if (event.key === 'Enter') {
      event.preventDefault()
      run(found[chosen])
    }
  }
  return (
    <Dialog label="Command palette" class="palette" onClose={onClose}>
      <input type="text" role="combobox" aria-expanded="true" aria-controls="commands" aria-activedescendant={`command-${chosen}`} aria-label="What to do"
        placeholder="Go to a page, a range, a conversation …" autocomplete="off" autofocus value={text}
        onInput={(event) => { setText(event.currentTarget.value); setAt(0) }} onKeyDown={onKeyDown} />
      <ul id="commands" role="listbox" aria-label="Commands">
        {found.map((command, i) => (
          <li key={command.title} id={`command-${i}`} role="option" aria-selected={i === chosen} onClick={() => run(command)} onPointerMove={() => setAt(i)}>
            <span class="clip">{command.title}</span><span>{command.hint}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
