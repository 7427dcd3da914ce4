import { useEffect } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { ReplayJob } from '../../api/types'
import { Failure } from '../../components/States'
import { count, plural } from '../../format/number'
import { changeParams } from '../../state/location'

/** How far a replay is, to its end. It goes on without this page. */
export function Job({ id, done }: { id: string; done: () => void }) {
  const { data, error, reload } = useGet<ReplayJob>(apiUrl(`quarantine/jobs/${encodeURIComponent(id)}`))
  const running = data?.state === 'running'
  useEffect(() => {
    if (!running) return
    const timer = setTimeout(reload, 500)
    return () => clearTimeout(timer)
  }, [data])
  useEffect(() => {
    if (data?.state === 'done') done()
  }, [data?.state])
  if (error) return <Failure error={error} retry={reload} />
  if (!data) return null
  const decided = data.total - data.waiting
  return (
    <div class={`notice job ${data.state === 'done' && data.held_again > 0 ? 'warn' : ''}`}>
      <span role="status" class="num">
        {running ? `Replaying: ${count(decided)} of ${plural(data.total, 'call')} …` : `Replayed: ${plural(data.replayed, 'call')} stored${data.held_again > 0 ? `, ${count(data.held_again)} held again, as they still do not conform` : ''}.`}
      </span>
      <progress aria-label="Replay" max={Math.max(1, data.total)} value={running ? decided : Math.max(1, data.total)} />
      {!running && <button type="button" class="button" onClick={() => changeParams({ job: undefined }, { replace: true })}>Close</button>}
    </div>
  )
}
