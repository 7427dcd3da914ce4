import { useEffect, useState } from 'preact/hooks'
import { apiUrl, ask } from '../../api/client'
import { useAction } from '../../api/action'
import { useGet } from '../../api/resource'
import type { MetricAnswer, Opportunities, TopicList, TopicStatus } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { Sparkline } from '../../charts/Sparkline'
import { Icon } from '../../components/Icon'
import { Empty, Failure, Waiting } from '../../components/States'
import { count, dollars, none, percent, plural, score } from '../../format/number'
import { ago } from '../../format/time'
import { useKeys } from '../../shell/keys'
import { fieldIs, fieldLabel } from '../../state/filter'
import { changeParams, navigate, params, view } from '../../state/location'
import { defaultPeriod } from '../../state/range'
import { hrefTo } from '../../state/view'
import { bounds, mayEdit, question, reloadTopics, zone } from '../../state/workspace'
import { columns, rowsOf, sorted, type Row, type Sort } from './rows'

const most = 500

const byTopic = (name: string, more: Record<string, string | readonly string[]> = {}) => apiUrl(`metrics/${name}`, { ...question.value, breakdown: 'topic', limit: most, ...more })

/** What do they ask, and where do we fail? */
export function TopicsPage() {
  const status = useGet<TopicStatus>(apiUrl('topics/status'))
  const list = useGet<TopicList>(apiUrl('topics', { ...question.value }))
  const conversations = useGet<MetricAnswer>(byTopic('conversations', { period: defaultPeriod(bounds.value) }))
  useEffect(() => void reloadTopics(), [])
  const error = list.error ?? conversations.error ?? status.error
  const retry = () => { list.reload(); conversations.reload(); status.reload() }
  return (
    <>
      <div class="page-head">
        <h1>Topics <span class="quiet num">{list.data && count(list.data.topics.filter((t) => !t.merged_into && !t.excluded).length)}</span></h1>
        {status.data && <State status={status.data} changed={retry} />}
      </div>
      {error ? <Failure error={error} retry={retry} /> : !list.data || !conversations.data || !status.data ? <Waiting />
        : list.data.topics.length === 0 ? <None status={status.data} />
          : <Table topics={list.data} conversations={conversations.data} changed={() => { list.reload(); void reloadTopics() }} />}
      {list.data && list.data.topics.length > 0 && <Ranked />}
    </>
  )
}

/** When topics were found, in what, and what is being done. */
function State({ status: s, changed }: { status: TopicStatus; changed: () => void }) {
  const action = useAction()
  const refit = () => action.run(async () => { await ask(apiUrl('topics/refit'), { method: 'POST' }); changed() })
  const busy = s.finding !== null || s.rewriting
  useEffect(() => {
    if (!busy) return
    const timer = setTimeout(changed, 2000)
    return () => clearTimeout(timer)
  })
  return (
    <span class="row sub num" role="status">
      {s.finding !== null ? `Finding topics: ${percent(s.finding)}` : s.found_at && (
        <span title={`It took ${count(s.took_ms)} ms.`}>
          found {ago(s.found_at, zone.value)} in {s.used < s.conversations ? `${count(s.used)} of ${plural(s.conversations, 'conversation')}, the newest` : plural(s.used, 'conversation')}
          {s.rewriting && ', conversations follow …'}
        </span>
      )}
      {mayEdit.value && s.topics > 0 && <button type="button" class="button" disabled={action.busy || busy} onClick={refit}>Find anew</button>}
      {action.error && <span role="alert">{action.error.message}</span>}
    </span>
  )
}

function None({ status: s }: { status: TopicStatus }) {
  const left = s.needed - s.conversations
  return (
    <Empty title="No topics yet">
      {left > 0
        ? <p>Topics are found by themselves once {plural(s.needed, 'conversation')} have words of a user; {s.conversations === 0 ? 'none has' : `${plural(s.conversations, 'conversation')} ${s.conversations === 1 ? 'has' : 'have'}`} so far. Send the user's messages with their text: a source that keeps metadata only has none.</p>
        : <p>There is enough to go by. Topics are being looked for; this takes some seconds.</p>}
      <p><a class="link" href={hrefTo('/data/sources', view.value)}>Where do events come from?</a></p>
    </Empty>
  )
}

function Table({ topics, conversations, changed }: { topics: TopicList; conversations: MetricAnswer; changed: () => void }) {
  const answers = {
    conversations,
    resolved: useGet<MetricAnswer>(byTopic('resolved_rate')).data,
    satisfaction: useGet<MetricAnswer>(byTopic('overall_satisfaction')).data,
    loops: useGet<MetricAnswer>(byTopic('conversations', { filter: [...question.value.filter, 'signal:eq:loop'] })).data,
    abandoned: useGet<MetricAnswer>(byTopic('abandoned_rate')).data,
    conversion: useGet<MetricAnswer>(byTopic('conversion_rate')).data,
    cost: useGet<MetricAnswer>(byTopic('cost_per_conversation')).data,
  }
  const sort = columns.find(([name]) => name === params.value.get('sort'))?.[0] ?? 'n'
  const desc = params.value.get('dir') !== 'asc'
  const rows = sorted(rowsOf(answers, topics.topics), sort, desc)
  const [at, setAt] = useState(-1)
  const action = useAction()
  const move = (by: number) => setAt((i) => Math.min(rows.length - 1, Math.max(0, i + by)))
  const chosen = rows[at]
  const pin = (r: Row | undefined) => r?.topic && mayEdit.value && void action.run(async () => {
    await ask(apiUrl(`topics/${encodeURIComponent(r.id)}`), { method: 'PATCH', body: { pinned: !r.topic?.pinned } })
    changed()
  })
  useKeys([
    { key: 'j', does: 'Next topic', run: () => move(1) },
    { key: 'k', does: 'Previous topic', run: () => move(-1) },
    { key: 'o', does: 'Open the chosen topic', run: () => chosen?.topic && navigate(topicHref(chosen.id)) },
    { key: 'p', does: 'Pin the chosen topic, or unpin it', run: () => pin(chosen) },
  ])
  useEffect(() => document.getElementById(`topic-${at}`)?.scrollIntoView({ block: 'nearest' }), [at])
  const choose = (name: Sort) => changeParams({ sort: name === 'n' ? undefined : name, dir: name === sort ? (desc ? 'asc' : undefined) : name === 'name' ? 'asc' : undefined })
  const costs = rows.some((r) => r.cost !== null)
  const shown = columns.filter(([name]) => name !== 'cost' || costs)
  return (
    <div class="band">
      {action.error && <Failure error={action.error} />}
      <Figure title="Topics" titled={false} sub={`${plural(rows.reduce((n, r) => n + r.n, 0), 'conversation')} in the range`} table={{
        head: [...columns.map(([, title]) => title), 'Satisfaction known'],
        rows: rows.map((r) => ({
          cells: [r.name, r.n, r.share, r.resolved, r.satisfaction, r.loops, r.abandoned, r.conversion, r.cost, r.coverage],
          shown: [r.name, count(r.n), percent(r.share), rate(r.resolved), score(r.satisfaction), rate(r.loops), rate(r.abandoned), rate(r.conversion), r.cost === null ? none : dollars(r.cost), rate(r.coverage)],
          href: conversationsHref(r.id),
        })),
      }}>
        <div class="table-wrap whole" tabIndex={0} role="region" aria-label="Topics">
          <table class="table topics num">
            <thead>
              <tr>
                {shown.map(([name, title]) => (
                  <th key={name} scope="col" class={name === 'name' ? '' : 'right'} aria-sort={name === sort ? (desc ? 'descending' : 'ascending') : undefined}>
                    <button type="button" onClick={() => choose(name)}>{title}{name === sort && (desc ? ' ↓' : ' ↑')}</button>
                  </th>
                ))}
                <th scope="col">Trend</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((r, i) => (
                <tr key={r.id} id={`topic-${i}`} class={i === at ? 'chosen' : ''} aria-current={i === at ? 'true' : undefined}>
                  <th scope="row">
                    {r.topic?.pinned && <span class="pin" title="Pinned: stays at the top, also if it is not found again"><Icon name="flag" /><span class="hidden">pinned </span></span>}
                    {r.topic ? <a class="link" href={topicHref(r.id)}>{r.name}</a> : <span class="quiet" title={r.id === '' ? 'Not looked at yet, or without words of a user' : 'Far from all topics, or of an excluded one'}>{r.name}</span>}
                    {r.topic?.group_name && r.topic.group_name !== r.name && <span class="tiny quiet clip">{r.topic.group_name}</span>}
                  </th>
                  <td class="right"><a class="link" href={conversationsHref(r.id)}>{count(r.n)}</a></td>
                  <td class="right share"><span class="fill" style={{ width: `${(100 * r.share) / Math.max(...rows.map((x) => x.share), 0.01)}%` }} />{percent(r.share)}</td>
                  <td class="right">{rate(r.resolved)}</td>
                  <td class="right">{score(r.satisfaction)} {r.coverage !== null && <span class="tiny quiet" title="of its conversations are rated, or their satisfaction is inferred">of {percent(r.coverage)}</span>}</td>
                  <td class="right">{rate(r.loops)}</td>
                  <td class="right">{rate(r.abandoned)}</td>
                  <td class="right">{rate(r.conversion)}</td>
                  {costs && <td class="right">{r.cost === null ? none : dollars(r.cost)}</td>}
                  <td><Sparkline values={r.trend} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Figure>
    </div>
  )
}

const rate = (v: number | null) => (v === null ? none : percent(v))
const topicHref = (id: string) => hrefTo(`/topics/${encodeURIComponent(id)}`, view.value)
const conversationsHref = (id: string) => hrefTo('/conversations', { ...view.value, filters: [...view.value.filters, fieldIs('topic', id || null)] })

/** Where mending would help most. */
function Ranked() {
  const { data, error, reload } = useGet<Opportunities>(apiUrl('opportunities', { ...question.value, limit: 12 }))
  return (
    <div class="band">
      <Figure title="Opportunities" sub="conversations that would not go badly if these went like the rest, carefully counted" table={data ? {
        head: ['What', 'Of', 'Conversations', 'Badness', 'Elsewhere', 'To gain', 'Why'],
        rows: data.rows.map((r) => ({ cells: [r.name, fieldLabel(r.dimension), r.conversations, r.badness, r.elsewhere, r.cost, r.why.join('; ')] })),
      } : null}>
        {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : data.rows.length === 0
          ? <p class="quiet small">Nothing goes certainly worse than the rest in this range.</p>
          : (
            <ol class="opportunities num">
              {data.rows.map((r) => (
                <li key={`${r.dimension}:${r.key}`}>
                  <div class="row">
                    <a class="link strong" href={hrefTo('/conversations', { ...view.value, filters: [...view.value.filters, fieldIs(r.dimension, r.key)] })}>{r.name}</a>
                    <span class="quiet small">{fieldLabel(r.dimension)} · {plural(r.conversations, 'conversation')}{r.small && ', small'}</span>
                    <b class="push" title="volume × how much worse it goes than elsewhere">{count(Math.round(r.cost))} to gain</b>
                  </div>
                  <p class="small">{r.why.map((w) => w.replaceAll('_', ' ')).join(' · ')}</p>
                </li>
              ))}
            </ol>
          )}
      </Figure>
    </div>
  )
}
