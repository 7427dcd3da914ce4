import { useEffect } from 'preact/hooks'
import type { ComputedStatus } from '../../api/types'
import { ago } from '../../format/time'
import { zone } from '../../state/workspace'
import { statusWords } from './words'

/** How far something computed is, with its progress while there is one. */
export function Status({ status }: { status: ComputedStatus }) {
  const { pass } = status
  const kind = status.state === 'Failed' ? 'bad' : status.state === 'Live' ? 'good' : ''
  return (
    <span class="row computed-status">
      <span class={`mark ${kind}`}>{statusWords(status)}</span>
      {pass && <progress aria-label="Computed" max={Math.max(1, pass.total)} value={pass.looked} />}
      {status.computed_at && <span class="tiny quiet num">computed {ago(status.computed_at, zone.value)}</span>}
    </span>
  )
}

/** Looks again while something is on its way: soon while it is computed, now and then else. */
export function useWatch(statuses: readonly ComputedStatus[] | undefined, reload: () => void): void {
  const working = statuses?.some((s) => s.state === 'Computing' || s.state === 'Preparing') ?? false
  useEffect(() => {
    const timer = setTimeout(reload, working ? 1000 : 15_000)
    return () => clearTimeout(timer)
  }, [statuses])
}
