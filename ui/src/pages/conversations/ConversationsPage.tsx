import { useEffect, useState } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Conversation, ConversationList } from '../../api/types'
import { Icon } from '../../components/Icon'
import { Popover } from '../../components/Popover'
import { Empty, Failure, Waiting } from '../../components/States'
import { count, plural } from '../../format/number'
import { useKeys } from '../../shell/keys'
import { changeParams, changeView, navigate, params, view } from '../../state/location'
import { columns as chosenColumns } from '../../state/preferences'
import { hrefTo } from '../../state/view'
import { question } from '../../state/workspace'
import { allColumns, type Column, defaultColumns } from './columns'
import { Facets } from './Facets'
import { LabelAll } from './LabelAll'
import { conversationHref, pageSize, pageUrl, type Place, placeOf, placeParams } from './list'
import { Peek } from './Peek'
import { VolumeStrip } from './VolumeStrip'

/** Which conversations, and why? The list, what it can be narrowed by, and a look into each. */
export function ConversationsPage() {
  const place = placeOf(params.value)
  const { data, error, loading, reload } = useGet<ConversationList>(pageUrl(question.value, place))
  const rows = data?.conversations ?? []
  const at = params.value.get('at')
  const peeking = params.value.get('peek') === '1'
  const chosen = rows.find((c) => c.conversation_id === at)
  const [facets, setFacets] = useState(false)

  const choose = (c: Conversation | undefined) => changeParams({ at: c?.conversation_id }, { replace: true })
  const move = (step: number) => {
    const i = rows.findIndex((c) => c.conversation_id === at)
    const next = i < 0 ? (step > 0 ? 0 : rows.length - 1) : i + step
    if (rows[next]) choose(rows[next])
  }
  const open = (c: Conversation | undefined) => { if (c) navigate(conversationHref(c.conversation_id, view.value, place)) }
  useKeys([
    { key: 'j', does: 'Next conversation', run: () => move(1) },
    { key: 'k', does: 'Previous conversation', run: () => move(-1) },
    { key: ' ', does: 'Look into the conversation', run: () => changeParams({ peek: peeking ? undefined : '1', at: at ?? rows[0]?.conversation_id }, { replace: true }) },
    { key: 'enter', does: 'Open the conversation', run: () => open(chosen ?? rows[0]) },
    { key: 'escape', does: '', run: () => changeParams({ peek: undefined }, { replace: true }) },
  ])
  useEffect(() => {
    const link = document.querySelector<HTMLElement>('tr[aria-selected="true"] .first a')
    link?.focus({ preventScroll: true })
    link?.scrollIntoView({ block: 'nearest' })
  }, [at, rows.length > 0])

  return (
    <>
      <div class="page-head">
        <h1>Conversations <span class="quiet num">{data && count(data.total)}</span></h1>
        <div class="row">
          <button type="button" class="button facets-button" aria-expanded={facets} onClick={() => setFacets(!facets)}><Icon name="filter" />Narrow</button>
          <ColumnChooser />
          {data && data.total > 0 && <LabelAll total={data.total} done={reload} />}
          <Exports />
        </div>
      </div>
      <VolumeStrip />
      <div class={`browse ${facets ? 'with-facets' : ''} ${peeking && chosen ? 'peeking' : ''}`}>
        <Facets />
        <div class={`list ${loading && data ? 'busy' : ''}`}>
          {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : rows.length === 0 ? <NoneFound /> : (
            <>
              <ConversationTable rows={rows} place={place} at={at} choose={(c) => changeParams({ at: c.conversation_id, peek: '1' }, { replace: true })} />
              <Pager place={place} data={data} />
            </>
          )}
        </div>
        {peeking && chosen && <Peek id={chosen.conversation_id} href={conversationHref(chosen.conversation_id, view.value, place)} onClose={() => changeParams({ peek: undefined }, { replace: true })} />}
      </div>
    </>
  )
}

/** The columns shown, in their order. */
function shownColumns(): Column[] {
  const names = chosenColumns.value ?? defaultColumns
  return allColumns.filter((c) => names.includes(c.name))
}

function ConversationTable(props: { rows: readonly Conversation[]; place: Place; at: string | null; choose: (c: Conversation) => void }) {
  const { rows, place, at } = props
  const columns = shownColumns()
  return (
    <div class="table-wrap">
      <table class="table conversations">
        <thead>
          <tr>
            <th scope="col" class="first">First message</th>
            {columns.map((c) => <Head key={c.name} column={c} place={place} />)}
          </tr>
        </thead>
        <tbody>
          {rows.map((c) => (
            <tr key={c.conversation_id} aria-selected={c.conversation_id === at} onClick={(event) => { if (!(event.target as Element).closest('a') && !getSelection()?.toString()) props.choose(c) }}>
              <td class="first"><a href={conversationHref(c.conversation_id, view.value, place)} dir="auto">{c.title || c.preview || <span class="quiet">No message text</span>}</a></td>
              {columns.map((column) => <td key={column.name} class={`${column.right ? 'right' : ''} col-${column.name}`}>{column.cell(c)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Head({ column, place }: { column: Column; place: Place }) {
  const { sort, title, right } = column
  const style = `${right ? 'right' : ''} col-${column.name}`
  if (!sort) return <th scope="col" class={style}>{title}</th>
  const on = place.sort === sort
  const next: Place = { sort, desc: on ? !place.desc : true, page: 1 }
  return (
    <th scope="col" class={style} aria-sort={on ? (place.desc ? 'descending' : 'ascending') : undefined}>
      <button type="button" onClick={() => changeParams({ after: undefined, at: undefined, ...placeParams(next) })}>{title}{on && <span aria-hidden="true"> {place.desc ? '↓' : '↑'}</span>}</button>
    </th>
  )
}

/** Cursor paging: the list can be left and entered anywhere; the browser's back button goes back. */
function Pager({ place, data }: { place: Place; data: ConversationList }) {
  const first = (place.page - 1) * pageSize
  const to = (next: Place) => hrefTo('/conversations', view.value, { ...placeParams(next), peek: params.value.get('peek') ?? undefined })
  return (
    <nav class="pager num" aria-label="Pages of the list">
      <span class="quiet">{count(first + 1)}–{count(first + data.conversations.length)} of {count(data.total)}</span>
      {place.page > 1 && <a class="button" href={to({ ...place, after: undefined, page: 1 })}>First page</a>}
      {data.next && <a class="button" href={to({ ...place, after: data.next, page: place.page + 1 })}>Next {pageSize}<Icon name="right" /></a>}
    </nav>
  )
}

function NoneFound() {
  const { filters, search } = view.value
  const narrowed = filters.length > 0 || search !== ''
  return (
    <Empty title="No conversation found">
      <p>{narrowed ? `None in this range passes ${plural(filters.length + (search ? 1 : 0), 'filter')}.` : 'None began in this range.'}</p>
      <div class="row">
        {narrowed && <button type="button" class="button" onClick={() => changeView({ filters: [], search: '' })}>Clear the filters</button>}
        <button type="button" class="button" onClick={() => changeView({ range: { preset: 'all' } })}>Look in all time</button>
      </div>
    </Empty>
  )
}

function ColumnChooser() {
  const names = chosenColumns.value ?? defaultColumns
  const toggle = (name: string) => {
    chosenColumns.value = names.includes(name) ? names.filter((n) => n !== name) : [...names, name]
  }
  return (
    <Popover label="Columns" align="right" button="Columns">
      {() => allColumns.map((c) => (
        <label class="menu-item" key={c.name}><span><input type="checkbox" checked={names.includes(c.name)} onChange={() => toggle(c.name)} /> {c.title}</span></label>
      ))}
    </Popover>
  )
}

const formats: Record<string, string> = { csv: 'CSV', jsonl: 'JSONL', parquet: 'Parquet' }

function Exports() {
  const link = (what: string, format: string) => apiUrl(`export/${what}`, { ...question.value, format })
  return (
    <Popover label="Export" align="right" button={<><Icon name="download" />Export</>}>
      {() => ['conversations', 'messages', 'events'].flatMap((what) => ['csv', 'jsonl', 'parquet'].map((format) => (
        <a class="menu-item" key={what + format} href={link(what, format)} download>{what[0]?.toUpperCase() + what.slice(1)}<span class="quiet">{formats[format]}</span></a>
      )))}
    </Popover>
  )
}
