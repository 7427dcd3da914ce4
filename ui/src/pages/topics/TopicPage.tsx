import { useRef, useState } from 'preact/hooks'
import { apiUrl, ask } from '../../api/client'
import { useAction } from '../../api/action'
import { useGet } from '../../api/resource'
import type { MetricAnswer, TopicDetail, TopicList } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { Sparkline } from '../../charts/Sparkline'
import { Dialog } from '../../components/Dialog'
import { Empty, Failure, Waiting } from '../../components/States'
import { count, percent, plural, score } from '../../format/number'
import { bucketLabel } from '../../format/time'
import { useKeys } from '../../shell/keys'
import { fieldIs, writeFilter } from '../../state/filter'
import { navigate, view } from '../../state/location'
import { bucketRange, defaultPeriod } from '../../state/range'
import { hrefTo } from '../../state/view'
import { bounds, mayEdit, question, reloadTopics, sourceNames, zone } from '../../state/workspace'

/** One topic: typical questions, first answers, how it ends, its trend, and what people decide of it. */
export function TopicPage({ id }: { id: string }) {
  const { data, error, reload } = useGet<TopicDetail>(apiUrl(`topics/${encodeURIComponent(id)}`, { ...question.value }))
  const changed = () => { reload(); void reloadTopics() }
  return error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : (
    <>
      <div class="page-head">
        <h1>{data.name}</h1>
        <span class="sub num">
          <a class="link" href={conversations([fieldIs('topic', id)])}>{plural(data.conversations, 'conversation')}</a>
          {data.group_name && <> · of <a class="link" href={conversations([fieldIs('topic_group', data.group ?? null)])}>{data.group_name}</a></>}
          {data.name !== data.found_name && <> · found as “{data.found_name}”</>}
        </span>
        {mayEdit.value && <Decide topic={data} changed={changed} />}
      </div>
      {data.merged_into && <p class="notice">Merged into <a class="link" href={hrefTo(`/topics/${encodeURIComponent(data.merged_into)}`, view.value)}>{sourceNames.value.get(data.merged_into) ?? data.merged_into}</a>: its conversations are counted there.</p>}
      {data.excluded && <p class="notice">Excluded: its conversations are counted as Other.</p>}
      <p class="terms small">{data.terms.map((t) => <span key={t} class="chip">{t}</span>)}</p>
      <div class="topic-figures">
        <Trend id={id} />
        <Ends id={id} />
      </div>
      <div class="band">
        <Figure title="Typical questions" sub="the newest conversations that are nearest to the centre" table={{ head: ['Question', 'First answer', 'Conversation'], rows: data.typical.map((q) => ({ cells: [q.question, q.answer, q.conversation_id], href: conversation(q.conversation_id) })) }}>
          {data.typical.length === 0
            ? <Empty title="No conversations"><p>No conversation of this topic is stored with its words.</p></Empty>
            : (
              <ul class="typical">
                {data.typical.map((q) => (
                  <li key={q.conversation_id}>
                    <a class="link" href={conversation(q.conversation_id)}>{q.question}</a>
                    <p class="small quiet">{q.answer || 'No answer.'}</p>
                  </li>
                ))}
              </ul>
            )}
        </Figure>
      </div>
      {data.related.length > 0 && (
        <section class="band"><h2>Related</h2><p class="row">{data.related.map((r) => <a key={r} class="chip link" href={hrefTo(`/topics/${encodeURIComponent(r)}`, view.value)}>{sourceNames.value.get(r) ?? r}</a>)}</p></section>
      )}
    </>
  )
}

const conversations = (filters: ReturnType<typeof fieldIs>[]) => hrefTo('/conversations', { ...view.value, filters: [...view.value.filters, ...filters] })
const conversation = (id: string) => hrefTo(`/conversations/${encodeURIComponent(id)}`, view.value)
const within = (id: string) => ({ ...question.value, filter: [...question.value.filter, writeFilter(fieldIs('topic', id))] })

/** How many conversations, day by day. */
function Trend({ id }: { id: string }) {
  const period = defaultPeriod(bounds.value)
  const { data, error, reload } = useGet<MetricAnswer>(apiUrl('metrics/conversations', { ...within(id), period }))
  const happy = useGet<MetricAnswer>(apiUrl('metrics/overall_satisfaction', within(id)))
  return (
    <Figure title="Conversations" sub={happy.data && `satisfaction ${score(happy.data.total.value)}${happy.data.total.coverage === null ? '' : ` of ${percent(happy.data.total.coverage)}`}`} table={data ? {
      head: ['From', 'Conversations'],
      rows: data.series.map((p) => ({ cells: [p.start, p.value], shown: [bucketLabel(p.start, period, zone.value), count(p.value ?? 0)], href: hrefTo('/conversations', { ...view.value, range: bucketRange(p.start, period, bounds.value), filters: [...view.value.filters, fieldIs('topic', id)] }) })),
    } : null}>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : <div class="tall"><Sparkline values={data.series.map((p) => p.value)} /></div>}
    </Figure>
  )
}

/** How its conversations end. */
function Ends({ id }: { id: string }) {
  const { data, error, reload } = useGet<MetricAnswer>(apiUrl('metrics/conversations', { ...within(id), breakdown: 'outcome' }))
  const total = data?.groups.reduce((n, g) => n + (g.value ?? 0), 0) ?? 0
  const name = (key: string | null | undefined) => key ?? 'not analysed yet'
  return (
    <Figure title="Outcomes" table={data ? { head: ['Outcome', 'Conversations'], rows: data.groups.map((g) => ({ cells: [name(g.keys[0]), g.value], href: conversations([fieldIs('topic', id), fieldIs('outcome', g.keys[0] ?? null)]) })) } : null}>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : (
        <ul class="bars">
          {data.groups.map((g) => (
            <li key={name(g.keys[0])}>
              <a href={conversations([fieldIs('topic', id), fieldIs('outcome', g.keys[0] ?? null)])}>
                <span class="fill" style={{ width: `${total > 0 ? (100 * (g.value ?? 0)) / total : 0}%` }} />
                <span class="clip">{name(g.keys[0])}</span><span class="num">{count(g.value ?? 0)} · {percent(total > 0 ? (g.value ?? 0) / total : 0)}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </Figure>
  )
}

/** Rename, merge, pin, exclude: each with a key. */
function Decide({ topic, changed }: { topic: TopicDetail; changed: () => void }) {
  const [open, setOpen] = useState<'rename' | 'merge' | null>(null)
  const action = useAction()
  const url = apiUrl(`topics/${encodeURIComponent(topic.id)}`)
  const change = (body: object) => action.run(async () => { await ask(url, { method: 'PATCH', body }); changed() })
  const merge = (into: string) => action.run(async () => { await ask(`${url}/merge`, { method: 'POST', body: { into } }); changed(); setOpen(null) })
  const pin = () => void change({ pinned: !topic.pinned })
  const exclude = () => void change({ excluded: !topic.excluded })
  useKeys([
    { key: 'r', does: 'Rename the topic', run: (e) => { e.preventDefault(); setOpen('rename') } },
    { key: 'm', does: 'Merge the topic into another', run: (e) => { e.preventDefault(); setOpen('merge') } },
    { key: 'p', does: 'Pin the topic, or unpin it', run: pin },
    { key: 'e', does: 'Exclude the topic, or take it back', run: exclude },
    { key: 'u', does: 'Back to all topics', run: () => navigate(hrefTo('/topics', view.value)) },
  ])
  return (
    <div class="row push" role="group" aria-label="Decisions on the topic">
      <button type="button" class="button" title="R" onClick={() => setOpen('rename')}>Rename</button>
      {topic.merged_into
        ? <button type="button" class="button" disabled={action.busy} onClick={() => void merge('')}>Take merge back</button>
        : <button type="button" class="button" title="M" onClick={() => setOpen('merge')}>Merge</button>}
      <button type="button" class="button" title="P" aria-pressed={topic.pinned} disabled={action.busy} onClick={pin}>{topic.pinned ? 'Pinned' : 'Pin'}</button>
      <button type="button" class="button" title="E" aria-pressed={topic.excluded} disabled={action.busy} onClick={exclude}>{topic.excluded ? 'Excluded' : 'Exclude'}</button>
      {action.error && !open && <span role="alert" class="small">{action.error.message}</span>}
      {open === 'rename' && <Rename topic={topic} busy={action.busy} close={() => setOpen(null)} save={async (name) => { if (await change({ name })) setOpen(null) }} error={action.error?.message} />}
      {open === 'merge' && <Merge topic={topic} busy={action.busy} close={() => setOpen(null)} into={(id) => void merge(id)} error={action.error?.message} />}
    </div>
  )
}

function Rename(props: { topic: TopicDetail; busy: boolean; close: () => void; save: (name: string) => Promise<void>; error?: string }) {
  const field = useRef<HTMLInputElement>(null)
  return (
    <Dialog label="Rename the topic" onClose={props.close}>
      <form class="stack" onSubmit={(e) => { e.preventDefault(); void props.save(field.current?.value.trim() ?? '') }}>
        <label>Name <input ref={field} class="control" autoFocus maxLength={200} defaultValue={props.topic.name} placeholder={props.topic.found_name} /></label>
        <p class="small quiet">It stays when topics are found anew. Leave it empty for the name found.</p>
        {props.error && <p role="alert" class="small">{props.error}</p>}
        <div class="row"><button class="button primary" disabled={props.busy}>Save</button><button type="button" class="button" onClick={props.close}>Cancel</button></div>
      </form>
    </Dialog>
  )
}

function Merge(props: { topic: TopicDetail; busy: boolean; close: () => void; into: (id: string) => void; error?: string }) {
  const list = useGet<TopicList>(apiUrl('topics', { ...question.value }))
  const [into, setInto] = useState(props.topic.related[0] ?? '')
  const others = (list.data?.topics ?? []).filter((t) => t.id !== props.topic.id && !t.merged_into && !t.excluded)
  const near = others.filter((t) => props.topic.related.includes(t.id))
  return (
    <Dialog label="Merge the topic" onClose={props.close}>
      <form class="stack" onSubmit={(e) => { e.preventDefault(); if (into) props.into(into) }}>
        <label>Merge “{props.topic.name}” into{' '}
          <select class="control" autoFocus value={into} onChange={(e) => setInto(e.currentTarget.value)}>
            <optgroup label="Related">{near.map((t) => <option key={t.id} value={t.id}>{t.name}</option>)}</optgroup>
            <optgroup label="All">{others.filter((t) => !near.includes(t)).map((t) => <option key={t.id} value={t.id}>{t.name}</option>)}</optgroup>
          </select>
        </label>
        <p class="small quiet">Its conversations follow in the background, also those that come later. It can be taken back.</p>
        {props.error && <p role="alert" class="small">{props.error}</p>}
        <div class="row"><button class="button primary" disabled={props.busy || !into}>Merge</button><button type="button" class="button" onClick={props.close}>Cancel</button></div>
      </form>
    </Dialog>
  )
}
