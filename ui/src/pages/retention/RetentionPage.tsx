import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Retention } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { Empty, Failure, Waiting } from '../../components/States'
import { count, percent, plural } from '../../format/number'
import { bucketLabel, rangeLabel } from '../../format/time'
import { fieldLabel, valueLabel } from '../../state/filter'
import { changeParams, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { question, sourceNames, zone } from '../../state/workspace'
import { Curves } from './Curves'
import { curveHead, curveRows, curves, periodsOf, smallGroup, triangle, triangleRows } from './marks'

const periods = ['day', 'week', 'month'] as const
const breakdowns = ['outcome', 'topic', 'channel', 'satisfaction_band', 'converted', 'agent_id', 'source', 'none'] as const
const kinds = [
  { name: 'any', title: 'did anything', where: undefined },
  { name: 'message', title: 'wrote a message', where: ['kind:eq:message', 'role:eq:user'] },
  { name: 'conversion', title: 'converted', where: ['kind:eq:conversion'] },
] as const

/** Do they come back? People by when they came first, and how many of them came again, period by period. */
export function RetentionPage() {
  const own = params.value
  const period = periods.find((p) => p === own.get('period')) ?? 'week'
  const by = breakdowns.find((b) => b === own.get('by')) ?? 'outcome'
  const who = own.get('who') === 'people' ? 'people' : 'users'
  const first = kinds.find((k) => k.name === own.get('first')) ?? kinds[0]
  const back = kinds.find((k) => k.name === own.get('back')) ?? kinds[0]
  const { data, error, loading, reload } = useGet<Retention>(apiUrl('retention', {
    ...question.value, period, who, first: first.where, return: back.where, breakdown: by === 'none' ? undefined : by, limit: 5,
  }))
  const choose = (name: string, usual: string) => (e: { currentTarget: HTMLSelectElement }) => changeParams({ [name]: e.currentTarget.value === usual ? undefined : e.currentTarget.value })
  const label = (start: string) => bucketLabel(start, period, zone.value)
  return (
    <>
      <div class="page-head">
        <h1>Retention & cohorts</h1>
        <span class="sub num">first seen {rangeLabel(view.value.range, zone.value)}</span>
      </div>
      <div class="row retention-settings">
        <label>Who <select class="control" value={who} onChange={choose('who', 'users')}><option value="users">users</option><option value="people">people, also anonymous</option></select></label>
        <label>first <select class="control" value={first.name} onChange={choose('first', 'any')}>{kinds.map((k) => <option key={k.name} value={k.name}>{k.title}</option>)}</select></label>
        <label>and later <select class="control" value={back.name} onChange={choose('back', 'any')}>{kinds.map((k) => <option key={k.name} value={k.name}>{k.title}</option>)}</select></label>
        <span class="segments" role="group" aria-label="Length of a period">
          {periods.map((p) => <button key={p} type="button" aria-pressed={p === period} onClick={() => changeParams({ period: p === 'week' ? undefined : p })}>{p}</button>)}
        </span>
      </div>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : data.cohorts.length === 0
        ? <Empty title="Nobody came first in this range"><p>Cohorts are made of those whose first event lies in the range. Choose a longer one{who === 'users' && <>, or count people who are not signed in</>}.</p></Empty>
        : (
          <div class={loading ? 'busy' : ''}>
            <div class="band"><Triangle data={data} label={label} /></div>
            <div class="band">
              <Figure title="Who comes back" sub={by === 'none' ? 'all' : `by ${fieldLabel(by).toLowerCase()} of the first conversation`}
                tools={(
                  <label class="small quiet">by <select class="control" value={by} onChange={choose('by', 'outcome')}>
                    {breakdowns.map((b) => <option key={b} value={b}>{b === 'none' ? 'nothing' : fieldLabel(b)}</option>)}
                  </select></label>
                )}
                table={{ head: curveHead, rows: curveRows(curves(data, (key) => valueLabel(by, key, sourceNames.value))) }}>
                <Curves curves={curves(data, (key) => valueLabel(by, key, sourceNames.value))} period={period} />
              </Figure>
            </div>
          </div>
        )}
    </>
  )
}

/** A row for each cohort: how many of it came back after so many periods. */
function Triangle({ data, label }: { data: Retention; label: (start: string) => string }) {
  const rows = triangle(data.cohorts)
  const most = periodsOf(data.cohorts)
  const range = (start: string, next: string | undefined) => hrefTo('/people', next ? { ...view.value, range: { from: start, until: next } } : view.value)
  return (
    <Figure title="Cohorts" sub={`${plural(rows.reduce((n, r) => n + r.size, 0), data.who === 'people' ? 'person' : 'user', data.who)} by ${data.period}`}
      table={{ head: [`First ${data.period}`, 'Size', ...Array.from({ length: most }, (_, k) => `+${k}`)], rows: triangleRows(data.cohorts, label) }}>
      <div class="table-wrap" tabIndex={0} role="region" aria-label="Cohorts, as shares">
        <table class="table triangle num">
          <thead>
            <tr><th scope="col">First {data.period}</th><th scope="col" class="right">Size</th>{Array.from({ length: most }, (_, k) => <th key={k} scope="col" class="right">+{k}</th>)}</tr>
          </thead>
          <tbody>
            {rows.map((r, i) => (
              <tr key={r.start}>
                <th scope="row"><a class="link" href={range(r.start, rows[i + 1]?.start)} title="Opens the people who were active then">{label(r.start)}</a></th>
                <td class="right">{count(r.size)}{r.small && <span class="quiet tiny" title={`fewer than ${smallGroup}: shares say little`}> small</span>}</td>
                {Array.from({ length: most }, (_, k) => {
                  const c = r.cells[k]
                  if (!c) return <td key={k} />
                  const words = `${count(c.n)} of ${count(r.size)}${c.over ? '' : ', so far'}`
                  return <td key={k} class={`right cell shade-${c.shade} ${c.over ? '' : 'running'}`} title={words}>{percent(c.rate)}{!c.over && <span class="hidden"> so far</span>}</td>
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="legend"><span><i class="box running" />period not over yet: will grow</span></p>
    </Figure>
  )
}
