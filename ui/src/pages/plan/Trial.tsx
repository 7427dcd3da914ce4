import { useState } from 'preact/hooks'
import { ask, apiUrl } from '../../api/client'
import { useAction } from '../../api/action'
import type { PlanTestResult } from '../../api/types'
import { Failure } from '../../components/States'
import { explain } from '../../format/codes'
import { count, plural } from '../../format/number'
import { dateTime } from '../../format/time'
import { changeParams, params, view } from '../../state/location'
import { sources, zone } from '../../state/workspace'
import { journeyHref } from '../journey/link'

const sizes = [100, 1000, 10_000]

/** Checks what a source has sent lately against a draft, or a stored version, before anybody follows it. */
export function Trial({ name, text, version }: { name: string; text?: string; version?: number }) {
  const [result, setResult] = useState<PlanTestResult | null>(null)
  const { busy, error, run } = useAction()
  const source = sources.value.find((s) => s.id === params.value.get('against')) ?? sources.value[0]
  const limit = sizes.find((n) => n === Number(params.value.get('last'))) ?? 1000
  const test = () => run(async () => {
    setResult(await ask<PlanTestResult>(apiUrl(`plans/${encodeURIComponent(name)}/test`), { method: 'POST', body: { source: source?.id, text, version, limit } }))
  })
  if (!source) return null
  return (
    <section class="trial">
      <h2>Test <span class="quiet small">against what a source has sent; nothing is stored or changed</span></h2>
      <div class="row">
        <label class="row small">Source
          <select class="control" value={source.id} onChange={(e) => changeParams({ against: e.currentTarget.value }, { replace: true })}>{sources.value.map((s) => <option key={s.id} value={s.id}>{s.name}</option>)}</select>
        </label>
        <label class="row small">Newest calls
          <select class="control" value={limit} onChange={(e) => changeParams({ last: e.currentTarget.value }, { replace: true })}>{sizes.map((n) => <option key={n} value={n}>{count(n)}</option>)}</select>
        </label>
        <button type="button" class="button" disabled={busy} onClick={test}>{busy ? 'Testing …' : text === undefined ? 'Test this plan' : 'Test the draft'}</button>
      </div>
      {error && <Failure error={error} />}
      {result && <Result result={result} />}
    </section>
  )
}

function Result({ result: r }: { result: PlanTestResult }) {
  const held = r.actions.quarantine + r.actions.block
  return (
    <div class="result" role="status">
      <p class="small num">
        {r.looked_at === 0 ? 'The source has no calls yet.' : <><b>{count(r.conforming)}</b> of {plural(r.looked_at, 'call')} conform.{' '}
          {held + r.actions.omit === 0 ? 'Nothing would be held back or changed.' : `${[r.actions.omit && `${count(r.actions.omit)} would lose a property`, r.actions.quarantine && `${count(r.actions.quarantine)} would go to quarantine`, r.actions.block && `${count(r.actions.block)} would be blocked`].filter(Boolean).join(', ')}, as the source is set.`}</>}
        {r.oldest_at && r.newest_at && <span class="quiet"> Received {dateTime(r.oldest_at, zone.value)} to {dateTime(r.newest_at, zone.value)}.</span>}
      </p>
      {r.violations.length > 0 && (
        <div class="table-wrap" tabIndex={0} role="region" aria-label="Violations of the test">
          <table class="table">
            <thead><tr><th scope="col">Event</th><th scope="col">Violation</th><th scope="col">Field</th><th scope="col" class="right">Calls</th><th scope="col">Examples</th></tr></thead>
            <tbody>
              {r.violations.map((v, i) => (
                <tr key={i}>
                  <td>{v.event}</td><td title={explain(v.kind, 'deviation').meaning}><code>{v.kind}</code> <span class="quiet">{v.description}</span></td><td class="mono">{v.field}</td><td class="right">{count(v.count)}</td>
                  <td>{v.examples.slice(0, 3).map((id, n) => <a key={id} class="link" href={journeyHref(id, view.value)} aria-label={`Example ${n + 1}: ${id}`}>{n > 0 && ' '}{n + 1}</a>)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  )
}
