import type { Event } from '../api/types'
import { explain } from '../format/codes'
import { faults, filledIn } from '../format/repairs'
import { Icon } from './Icon'

/** What validation said of an event: good, understood with repairs, or with violations. What its trace
 *  filled in is said apart: it is no fault. */
export function Marks({ event }: { event: Event }) {
  const repairs = faults(event)
  const filled = filledIn(event)
  const violations = event.violations ?? []
  return (
    <span class="row marks">
      {violations.map((code) => <span key={code} class="mark bad" title={explain(code, 'violation').meaning}><Icon name="warn" />{code}</span>)}
      {repairs.map((r, i) => <span key={i} class="mark warn" title={explain(r.code, 'repair').meaning}>{r.code}{r.from && r.to ? `: ${r.from} → ${r.to}` : ''}</span>)}
      {repairs.length + violations.length === 0 && <span class="mark good"><Icon name="check" />valid</span>}
      {filled.length > 0 && <span class="mark" title={filled.join(', ')}>filled in from the trace</span>}
    </span>
  )
}
