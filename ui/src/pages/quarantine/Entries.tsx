import type { QuarantineEntry } from '../../api/types'
import { Icon } from '../../components/Icon'
import { Json } from '../../components/Json'
import { explain } from '../../format/codes'
import { dateTime } from '../../format/time'
import { changeParams, params, view } from '../../state/location'
import { sourceNames, zone } from '../../state/workspace'
import { journeyHref } from '../journey/link'
import { planHref } from '../plan/link'

/** Calls that were held back or refused, each with what is wrong with it. tick is absent where nothing can be done. */
export function Entries(props: { entries: readonly QuarantineEntry[]; ticked: ReadonlySet<string>; tick?: (ids: readonly string[], on: boolean) => void }) {
  const { entries, ticked, tick } = props
  const all = entries.length > 0 && entries.every((e) => ticked.has(e.id))
  return (
    <div class="held">
      {tick && <label class="row small"><input type="checkbox" checked={all} onChange={() => tick(entries.map((e) => e.id), !all)} />All on this page</label>}
      <ol>
        {entries.map((e) => (
          <li key={e.id}>
            {tick && <input type="checkbox" aria-label={`Choose ${e.event || e.type} of ${dateTime(e.received_at, zone.value)}`} checked={ticked.has(e.id)} onChange={() => tick([e.id], !ticked.has(e.id))} />}
            <Entry entry={e} />
          </li>
        ))}
      </ol>
    </div>
  )
}

function Entry({ entry: e }: { entry: QuarantineEntry }) {
  const open = params.value.get('call') === e.id
  return (
    <div class="held-call">
      <button type="button" class="held-head" aria-expanded={open} onClick={() => changeParams({ call: open ? undefined : e.id }, { replace: true })}>
        <b>{e.event || e.type}</b>
        <span class="row marks">{e.violations.slice(0, 3).map((v, i) => <span key={i} class="mark bad"><Icon name="warn" />{v.kind}{v.field && ` ${v.field}`}</span>)}{e.violations.length > 3 && <span class="mark">and {e.violations.length - 3} more</span>}</span>
        <span class="mark">{{ block: 'blocked', quarantine: 'quarantined', reject: 'refused' }[e.action]}</span>
        <span class="quiet small num">{dateTime(e.received_at, zone.value)}</span>
      </button>
      {open && <Detail entry={e} />}
    </div>
  )
}

function Detail({ entry: e }: { entry: QuarantineEntry }) {
  return (
    <div class="event-detail">
      <ul class="small">
        {e.violations.map((v, i) => (
          <li key={i}><code>{v.kind}</code> {v.field && <code>{v.field}</code>} {v.description} {e.status !== 'rejected' && <span class="quiet">{explain(v.kind, 'deviation').fix}</span>}</li>
        ))}
      </ul>
      <dl class="facts">
        <dt>Event id</dt><dd class="mono">{e.event_id ? <a href={journeyHref(e.event_id, view.value)}>{e.event_id}</a> : <span class="quiet">none</span>}</dd>
        <dt>Source</dt><dd>{sourceNames.value.get(e.source) ?? e.source}</dd>
        {e.plan && <><dt>Plan</dt><dd><a href={planHref(e.plan, view.value, { version: String(e.version) })}>{e.plan}, version {e.version}</a></dd></>}
        {e.replayed_at && <><dt>Replayed</dt><dd class="num">{dateTime(e.replayed_at, zone.value)}</dd></>}
        {e.discarded_at && <><dt>Given up</dt><dd class="num">{dateTime(e.discarded_at, zone.value)}, readable for 30 days</dd></>}
      </dl>
      {e.call ? <Json label="The call, after redaction" value={e.call} open /> : <p class="small quiet">The call was too large to keep.</p>}
    </div>
  )
}
