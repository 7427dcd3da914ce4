import { useState } from 'preact/hooks'
import { ApiError, ask, apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Redaction } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { Sparkline } from '../../charts/Sparkline'
import { Empty, Failure, Waiting } from '../../components/States'
import { count, plural } from '../../format/number'
import { onlySource } from '../../state/filter'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { bounds, mayEdit, reloadSources, sourceNames } from '../../state/workspace'
import { daily } from '../violations/days'
import { contents, levels } from './modes'

/** What is masked before anything is stored: by which rules, in the calls of which sources. Never what it was. */
export function PrivacyPage() {
  const source = onlySource(view.value.filters)
  const { data, error, loading, reload } = useGet<Redaction>(apiUrl('redaction', { from: bounds.value.from, until: bounds.value.until, source }))
  return (
    <>
      <div class="page-head"><h1>Privacy</h1></div>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : (
        <div class={`violations ${loading ? 'busy' : ''}`}>
          <Masked data={data} />
          <Modes data={data} reload={reload} />
          <Rules data={data} />
        </div>
      )}
    </>
  )
}

function Masked({ data }: { data: Redaction }) {
  const rules = data.rules.filter((r) => r.n > 0).sort((a, b) => b.n - a.n)
  if (rules.length === 0) return <Empty title="Nothing was masked in this range"><p>Personal data and keys that come in are masked before they are stored, and counted here by rule. What they were is kept nowhere.</p></Empty>
  const days = (rule: string) => {
    const byDay = new Map<string, number>()
    for (const c of data.counts) if (c.rule === rule) byDay.set(c.day, (byDay.get(c.day) ?? 0) + c.n)
    return daily([...byDay].map(([day, n]) => ({ day, count: n })), bounds.value.from, bounds.value.until)
  }
  return (
    <Figure title="Masked" sub={`${plural(data.total, 'finding')}; days are those of receipt, in UTC`} table={{
      head: ['Day', 'Source', 'Rule', 'Count'],
      rows: data.counts.map((c) => ({ cells: [c.day, sourceNames.value.get(c.source) ?? c.source, c.rule, c.n] })),
    }}>
      <ul class="ways">
        {rules.map((r) => (
          <li key={r.name}>
            <div class="way-row masked">
              <div class="what"><code>[{r.name}]</code><p class="tiny quiet">{r.about}</p></div>
              <Sparkline values={days(r.name)} />
              <div class="right num"><b>{count(r.n)}</b></div>
            </div>
          </li>
        ))}
      </ul>
    </Figure>
  )
}

function Modes({ data, reload }: { data: Redaction; reload: () => void }) {
  const [error, setError] = useState<ApiError | null>(null)
  const patch = async (id: string, body: Record<string, string>) => {
    setError(null)
    try {
      await ask(apiUrl(`sources/${encodeURIComponent(id)}`), { method: 'PATCH', body })
      await reloadSources()
      reload()
    } catch (e) {
      if (e instanceof ApiError) setError(e)
    }
  }
  return (
    <section>
      <h2>What sources keep</h2>
      {error && <Failure error={error} />}
      <div class="table-wrap" tabIndex={0} role="region" aria-label="What sources keep">
        <table class="table">
          <thead><tr><th>Source</th><th>Redaction</th><th>Content</th><th class="right">Masked</th></tr></thead>
          <tbody>
            {data.sources.map((s) => (
              <tr key={s.id}>
                <td><a class="link" href={hrefTo(`/data/sources/${encodeURIComponent(s.id)}`, view.value)}>{s.name}</a></td>
                <td><Choice label={`Redaction of ${s.name}`} value={s.redaction} values={levels} set={(redaction) => patch(s.id, { redaction })} /></td>
                <td><Choice label={`Content of ${s.name}`} value={s.content} values={contents} set={(content) => patch(s.id, { content })} /></td>
                <td class="right num">{count(s.n)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="small quiet">A change holds for what comes in from now on. What is stored stays as it is.</p>
    </section>
  )
}

function Choice(props: { label: string; value: string; values: readonly (readonly [string, string])[]; set: (value: string) => void }) {
  return (
    <select class="control" aria-label={props.label} disabled={!mayEdit.value} value={props.value} onChange={(e) => props.set(e.currentTarget.value)}>
      {props.values.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
    </select>
  )
}

const works: Record<string, string> = { structured: 'structured and all', all: 'all', metadata: 'content: metadata' }

function Rules({ data }: { data: Redaction }) {
  return (
    <section>
      <h2>Rules</h2>
      <div class="table-wrap" tabIndex={0} role="region" aria-label="Rules">
        <table class="table">
          <thead><tr><th>Left in its place</th><th>What it finds</th><th>Works at</th></tr></thead>
          <tbody>{data.rules.map((r) => <tr key={r.name}><td><code>{r.level === 'metadata' ? 'nothing' : `[${r.name}]`}</code></td><td>{r.about}</td><td class="nowrap">{works[r.level]}</td></tr>)}</tbody>
        </table>
      </div>
      <p class="small quiet">In ids, such as a user id that is an e-mail address, a keyed pseudonym takes its place, so that people and conversations still join: <code>email_…</code></p>
    </section>
  )
}
