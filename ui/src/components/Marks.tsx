import type { Event } from '../api/types'
import { explain } from '../format/codes'
import { Icon } from './Icon'

/** What validation said of an event: good, understood with repairs, or with violations. */
export function Marks({ event }: { event: Event }) {
  const repairs = event.repairs ?? []
  const violations = event.violations ?? []
  if (repairs.length === 0 && violations.length === 0) return <span class="mark good"><Icon name="check" />valid</span>
  return (
    <span class="row marks">
      {violations.map((code) => <span key={code} class="mark bad" title={explain(code, 'violation').meaning}><Icon name="warn" />{code}</span>)}
      {repairs.map((r, i) => <span key={i} class="mark warn" title={explain(r.code, 'repair').meaning}>{r.code}{r.from && r.to ? `: ${r.from} → ${r.to}` : ''}</span>)}
    </span>
  )
}
