import { useState } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { CodeCount, EventList as Events, Quality, RejectionList, Source } from '../../api/types'
import { Failure, Waiting } from '../../components/States'
import { type CodeKind, explain } from '../../format/codes'
import { count, percent, plural } from '../../format/number'
import { ofTrace } from '../../format/repairs'
import { ago, dateTime } from '../../format/time'
import { fieldIs, writeFilter } from '../../state/filter'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { bounds, zone } from '../../state/workspace'
import { EventList } from '../conversation/EventList'

/** What was odd about the calls of a source: what was understood all the same, what was lacking, what was
 *  refused; each with what it means, what to change, and examples. */
export function QualityReport({ source }: { source: Source }) {
  const { data, error, loading, reload } = useGet<Quality>(apiUrl(`sources/${encodeURIComponent(source.id)}/quality`, { ...bounds.value }))
  if (error) return <Failure error={error} retry={reload} />
  if (!data) return <Waiting />
  const repairs = data.repairs.filter((c) => !ofTrace(c.code))
  const filled = data.repairs.find((c) => c.code === 'from_trace')?.count ?? 0
  const clean = repairs.length + data.violations.length + data.rejections.length === 0
  return (
    <div class={`quality ${loading ? 'busy' : ''}`}>
      <p class="small num">
        {plural(data.events, 'event')} in this range, the latest {data.last_event_at ? ago(data.last_event_at, zone.value) : 'never'}.{' '}
        {data.duplicates > 0 && <>{plural(data.duplicates, 'call')} came twice and {data.duplicates === 1 ? 'was' : 'were'} stored once. </>}
        {data.conflicts > 0 && <>{count(data.conflicts)} of them said something else the second time; the first holds. </>}
        {filled > 0 && <>{plural(filled, 'event')} {filled === 1 ? 'has' : 'have'} fields filled in from {filled === 1 ? 'its trace' : 'their traces'}.</>}
      </p>
      {clean && data.events > 0 && <p class="notice">Every call was as the spec says.</p>}
      {clean && data.events === 0 && <p class="notice"><span>Nothing came in.</span> <a class="link" href={hrefTo('/start', view.value, { source: source.id })}>Connect a client</a></p>}
      <Group title="Violations" sub="stored, but something is missing" kind="violation" codes={data.violations} source={source} events={data.events} />
      <Group title="Repairs" sub="odd, but understood" kind="repair" codes={repairs} source={source} events={data.events} />
      <Group title="Rejected" sub="refused with a reason, of all time" kind="rejection" codes={data.rejections} source={source} events={0} />
    </div>
  )
}

function Group(props: { title: string; sub: string; kind: CodeKind; codes: readonly CodeCount[]; source: Source; events: number }) {
  if (props.codes.length === 0) return null
  return (
    <section>
      <h2>{props.title} <span class="quiet small">{props.sub}</span></h2>
      <ul class="codes">{props.codes.map((c) => <Code key={c.code} {...props} code={c} />)}</ul>
      {props.kind === 'rejection' && <Rejections source={props.source} />}
    </section>
  )
}

function Code({ code, kind, source, events }: { code: CodeCount; kind: CodeKind; source: Source; events: number }) {
  const [open, setOpen] = useState(false)
  const { meaning, fix } = explain(code.code, kind)
  const examples = kind !== 'rejection'
  return (
    <li>
      <div class="row">
        <code class="grow">{code.code}</code>
        <b class="num">{count(code.count)}</b>
        {events > 0 && <span class="quiet tiny num">{percent(code.count / events)}</span>}
      </div>
      {examples && <p class="small">{meaning} {fix && <span class="fix"><b>Fix:</b> {fix}</span>}</p>}
      {examples && (
        <p class="small row">
          <button type="button" class="button plain" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? 'Hide examples' : 'Examples'}</button>
          <a class="button plain" href={hrefTo('/conversations', { ...view.value, filters: [fieldIs('source', source.id), fieldIs(kind, code.code)] })}>Conversations</a>
          {code.code.startsWith('plan_') && <a class="button plain" href={hrefTo('/data/violations', { ...view.value, filters: [fieldIs('source', source.id)] }, { kind: code.code.slice(5) })}>By event and field</a>}
        </p>
      )}
      {open && <Examples kind={kind} code={code.code} source={source.id} />}
    </li>
  )
}

function Examples({ kind, code, source }: { kind: CodeKind; code: string; source: string }) {
  const where = [fieldIs('source', source), fieldIs(kind, code)].map(writeFilter)
  const { data, error, reload } = useGet<Events>(apiUrl('events', { ...bounds.value, where, limit: 3 }))
  if (error) return <Failure error={error} retry={reload} />
  return data ? <EventList events={data.events} /> : <Waiting />
}

function Rejections({ source }: { source: Source }) {
  const { data, error, reload } = useGet<RejectionList>(apiUrl('rejections', { source: source.id, limit: 10 }))
  if (error) return <Failure error={error} retry={reload} />
  return (
    <ul class="codes">
      {data?.rejections.map((r) => (
        <li key={r.id}>
          <details>
            <summary><span class="num quiet">{dateTime(r.received_at, zone.value)}</span> {r.message}</summary>
            {r.call ? <pre class="json" tabIndex={0} role="region" aria-label="The call as received">{r.call}</pre> : <p class="small quiet">The call was too large to keep.</p>}
          </details>
        </li>
      ))}
    </ul>
  )
}
