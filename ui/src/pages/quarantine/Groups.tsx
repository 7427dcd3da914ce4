import type { QuarantineSummary } from '../../api/types'
import { explain } from '../../format/codes'
import { count } from '../../format/number'
import { ago } from '../../format/time'
import { changeParams, view } from '../../state/location'
import { sourceNames, zone } from '../../state/workspace'
import { planHref } from '../plan/link'
import type { Narrow } from './selection'

/** What is held back, by event and reason. A group narrows the list below. */
export function Groups({ groups, narrow }: { groups: QuarantineSummary['groups']; narrow: Narrow }) {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label="Groups">
      <table class="table">
        <thead><tr><th scope="col">Event</th><th scope="col">Reason</th><th scope="col">Plan</th><th scope="col">Source</th><th scope="col">Action</th><th scope="col" class="right">Calls</th><th scope="col">First</th><th scope="col">Last</th></tr></thead>
        <tbody>
          {groups.map((g, i) => {
            const event = g.event || g.type
            return (
              <tr key={i} aria-selected={narrow.event === event && narrow.code === g.code}>
                <td><button type="button" class="linkish strong" onClick={() => changeParams({ event, code: g.code, after: undefined })}>{event}</button></td>
                <td title={explain(g.code, 'deviation').meaning}><code>{g.code}</code></td>
                <td><a href={planHref(g.plan, view.value)}>{g.plan}</a></td>
                <td>{sourceNames.value.get(g.source) ?? g.source}</td>
                <td>{g.action === 'block' ? 'blocked' : 'quarantined'}</td>
                <td class="right">{count(g.count)}</td>
                <td class="num nowrap">{ago(g.first_at, zone.value)}</td><td class="num nowrap">{ago(g.last_at, zone.value)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
