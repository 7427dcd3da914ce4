import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { ask } from '../../api/client'
import { Dialog } from '../../components/Dialog'
import { Failure } from '../../components/States'
import { useKeys } from '../../shell/keys'
import { changeParams } from '../../state/location'
import { mayEdit } from '../../state/workspace'

/** What can be done with something computed: change it, compute it anew, switch it off and on, delete it. */
export function Manage({ url, name, enabled, what, changed, deleted }: { url: string; name: string; enabled: boolean; what: string; changed: () => void; deleted: () => void }) {
  const [asking, setAsking] = useState(false)
  const action = useAction()
  const edit = () => changeParams({ edit: '1' })
  const run = (to: string, method: string, body?: object) => void action.run(async () => {
    await ask(to, { method, body })
    changed()
  })
  useKeys(mayEdit.value ? [{ key: 'e', does: `Change the ${what}`, run: (e) => { e.preventDefault(); edit() } }] : [])
  if (!mayEdit.value) return null
  return (
    <div class="row" role="group" aria-label={`The ${what}`}>
      <button type="button" class="button" title="E" onClick={edit}>Edit</button>
      <button type="button" class="button" disabled={action.busy || !enabled} onClick={() => run(`${url}/rebuild`, 'POST')}>Rebuild</button>
      <button type="button" class="button" disabled={action.busy} onClick={() => run(url, 'PATCH', { enabled: !enabled })}>{enabled ? 'Switch off' : 'Switch on'}</button>
      <button type="button" class="button danger" onClick={() => setAsking(true)}>Delete</button>
      {action.error && !asking && <Failure error={action.error} />}
      {asking && (
        <Dialog label={`Delete the ${what}`} onClose={() => setAsking(false)}>
          <div class="dialog-body">
            <h2>Delete “{name}”?</h2>
            <p class="small">In the background everybody loses its value, and destinations are told so.</p>
            {action.error && <Failure error={action.error} />}
            <div class="dialog-foot">
              <button type="button" class="button" autoFocus onClick={() => setAsking(false)}>Keep it</button>
              <button type="button" class="button danger" disabled={action.busy} onClick={() => void action.run(async () => { await ask(url, { method: 'DELETE' }); deleted() })}>Delete</button>
            </div>
          </div>
        </Dialog>
      )}
    </div>
  )
}
