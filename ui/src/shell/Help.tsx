import { Dialog } from '../components/Dialog'
import { shortcuts } from '../state/preferences'
import { activeKeys } from './keys'

const names: Record<string, string> = { ' ': 'Space', enter: 'Enter', arrowleft: '←', arrowright: '→', 'mod+k': '⌘K', escape: 'Esc' }

/** The keys that work on the page shown. */
export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Dialog label="Keys" onClose={onClose}>
      <div class="dialog-body">
        <h1>Keys</h1>
        <div class="keys">
          {activeKeys().map(({ key, does }) => <div key={key}><span>{does}</span><kbd>{names[key] ?? key.toUpperCase()}</kbd></div>)}
        </div>
        <label class="row small">
          <input type="checkbox" checked={shortcuts.value} onChange={(event) => { shortcuts.value = event.currentTarget.checked }} />
          Single keys work on this device
        </label>
        <div class="dialog-foot"><button type="button" class="button" onClick={onClose} autofocus>Close</button></div>
      </div>
    </Dialog>
  )
}
