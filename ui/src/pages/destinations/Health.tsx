import { useEffect } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Deliveries, DeliveryErrorList, Destination } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { Sparkline } from '../../charts/Sparkline'
import { Failure, Waiting } from '../../components/States'
import { count, duration, plural } from '../../format/number'
import { ago, dateTime } from '../../format/time'
import { changeParams, params, view } from '../../state/location'
import { zone } from '../../state/workspace'
import { journeyHref } from '../journey/link'
import { destinationHref } from './link'
import { codesOf, codeWords, stateOf, type Step, stepsOf } from './steps'

const spans = [[24, '24 hours'], [168, '7 days'], [720, '30 days']] as const

/** How a destination is doing: what becomes of calls, how fast, and what went wrong lately. */
export function Health({ destination: d, path }: { destination: Destination; path: string }) {
  const hours = spans.find(([n]) => String(n) === params.value.get('hours'))?.[0] ?? 24
  const deliveries = useGet<Deliveries>(apiUrl(`${path}/deliveries`, { hours }))
  const errors = useGet<DeliveryErrorList>(apiUrl(`${path}/errors`))
  useEffect(() => { // as often as the destination itself is asked
    deliveries.reload()
    errors.reload()
  }, [d])
  const h = d.health
  const state = stateOf(h)
  return (
    <div class="delivery">
      <p class={`notice ${state.tone === 'good' ? '' : state.tone}`}>
        <span>{state.says}{h.state === 'down' && h.next_try_at && ` The next try is at ${dateTime(h.next_try_at, zone.value)}.`}</span>
      </p>
      <dl class="facts health-facts">
        <dt>Waiting</dt><dd class="num">{plural(h.in_hand, 'call')} in hand{h.oldest_at ? `, the oldest came ${ago(h.oldest_at, zone.value)}` : ''}; {count(h.waiting)} put aside for another try</dd>
        <dt>Given up</dt><dd class="num">{h.dead === 0 ? 'none' : <a href={destinationHref(d.id, view.value, { tab: 'dead' })}>{plural(h.dead, 'dead letter')}</a>}</dd>
        {h.lost > 0 && <><dt>Lost</dt><dd class="num"><span class="mark bad">{plural(h.lost, 'call')}</span> waited here when the log of changes of traits and audiences had reached its size{h.lost_at && `, last ${ago(h.lost_at, zone.value)}`}; send what is computed now by a backfill</dd></>}
        <dt>Last delivery</dt><dd class="num">{h.last_delivery_at ? ago(h.last_delivery_at, zone.value) : 'none yet since the server started or its settings changed'}</dd>
        <dt>From receipt to delivery</dt><dd class="num">{h.latency_p95_ms > 0 ? `half within ${duration(h.latency_p50_ms)}, 95 % within ${duration(h.latency_p95_ms)}` : 'no delivery to tell yet'}</dd>
        <dt>Answer of the place</dt><dd class="num">{h.send_p95_ms > 0 ? `half within ${duration(h.send_p50_ms)}, 95 % within ${duration(h.send_p95_ms)}` : 'nothing was sent yet'}</dd>
      </dl>
      {deliveries.error ? <Failure error={deliveries.error} retry={deliveries.reload} /> : !deliveries.data ? <Waiting />
        : <Steps deliveries={deliveries.data} destination={d} hours={hours} />}
      <section>
        <h2>Failed attempts <span class="quiet small">the newest 50 since the server started or its settings changed; nothing of what was sent</span></h2>
        {errors.error ? <Failure error={errors.error} retry={errors.reload} /> : <Errors list={errors.data} />}
      </section>
    </div>
  )
}

function Steps({ deliveries, destination, hours }: { deliveries: Deliveries; destination: Destination; hours: number }) {
  const steps = stepsOf(deliveries, destination.health, hours, Date.now())
  const most = Math.max(1, ...steps.map((s) => s.count))
  const tools = (
    <div class="segments" role="group" aria-label="Period">
      {spans.map(([n, label]) => <button type="button" key={n} aria-pressed={n === hours} onClick={() => changeParams({ hours: n === 24 ? undefined : String(n) }, { replace: true })}>{label}</button>)}
    </div>
  )
  return (
    <Figure title="What became of calls" tools={tools} table={{
      head: ['Step', 'Code', 'Calls'], rows: [...deliveries.totals.map((t) => ({ cells: [t.step, t.code, t.count] })), { cells: ['waiting now', '', steps.find((s) => s.name === 'waiting')?.count ?? 0] }],
    }}>
      <ol class="delivery-steps">{steps.map((s) => <StepRow key={s.name} step={s} most={most} />)}</ol>
      <Codes title="Tried again" list={codesOf(deliveries, 'retried')} />
      <Codes title="Given up" list={codesOf(deliveries, 'discarded')} link={(code) => destinationHref(destination.id, view.value, { tab: 'dead', code })} />
    </Figure>
  )
}

function StepRow({ step, most }: { step: Step; most: number }) {
  return (
    <li class={step.end}>
      <span class="what"><b>{step.title}</b> <span class="quiet tiny">{step.says}</span></span>
      <b class="num right">{count(step.count)}</b>
      <svg class="amount" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width={step.count === 0 ? 0 : Math.max(0.5, (step.count / most) * 100)} height="1" /></svg>
      <span class="trend">{step.count > 0 && step.hours.length > 0 && <Sparkline values={step.hours} />}</span>
    </li>
  )
}

function Codes({ title, list, link }: { title: string; list: readonly { code: string; count: number }[]; link?: (code: string) => string }) {
  if (list.length === 0) return null
  return (
    <p class="small codes-line"><b>{title}:</b> {list.map(({ code, count: n }, i) => (
      <span key={code}>{i > 0 && ', '}<span class="num">{count(n)} ×</span> {link ? <a class="link" href={link(code)}><code>{code}</code></a> : <code>{code}</code>}{codeWords(code) && <span class="quiet"> {codeWords(code)}</span>}</span>
    ))}</p>
  )
}

function Errors({ list }: { list: DeliveryErrorList | undefined }) {
  if (!list) return <Waiting />
  if (list.errors.length === 0) return <p class="small quiet">None.</p>
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label="Failed attempts">
      <table class="table">
        <thead><tr><th scope="col">When</th><th scope="col">Event</th><th scope="col">Code</th><th scope="col">Reason</th><th scope="col" class="right">Attempt</th><th scope="col">Then</th></tr></thead>
        <tbody>
          {list.errors.map((e, i) => (
            <tr key={i}>
              <td class="num nowrap">{ago(e.at, zone.value)}</td>
              <td><a href={journeyHref(e.event_id, view.value)}>{e.event || e.event_id}</a></td>
              <td><code title={codeWords(e.code)}>{e.code}</code></td><td class="reason">{e.reason}</td>
              <td class="right">{e.attempt}</td><td>{e.given_up ? <span class="mark bad">given up</span> : <span class="mark warn">tried again</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
