import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Icon } from '../components/Icon'
import { csv } from './csv'

/** The data of a chart as a table: what a reader hears, and what the CSV holds. */
export interface TableData {
  head: readonly string[]
  rows: readonly TableRow[]
}

export interface TableRow {
  cells: readonly (string | number | null)[]
  shown?: readonly string[] // the cells as people read them; by default as they are
  href?: string
}

/** A chart with its title, and behind it a table and a CSV of the same data. */
export function Figure(props: {
  title: string
  titled?: boolean // false: the tools say what it is; the title is for those who do not see them
  sub?: ComponentChildren
  tools?: ComponentChildren
  table: TableData | null
  children: ComponentChildren
}) {
  const [asTable, setAsTable] = useState(false)
  const { title, titled = true, table } = props
  return (
    <section class="figure" aria-label={title}>
      <header>
        <h2 class={titled ? '' : 'hidden'}>{title} {titled && props.sub && <span class="sub">{props.sub}</span>}</h2>
        {props.tools}
        {!titled && props.sub && <span class="sub">{props.sub}</span>}
        {table && (
          <div class="tools">
            <button type="button" class="button" aria-pressed={asTable} aria-label={`${title} as table`} title="As table" onClick={() => setAsTable(!asTable)}><Icon name="table" /></button>
            <button type="button" class="button" aria-label={`${title} as CSV`} title="As CSV" onClick={() => save(`${title}.csv`, csv(table.head, table.rows.map((r) => r.cells)))}><Icon name="download" /></button>
          </div>
        )}
      </header>
      {asTable && table ? <DataTable label={title} data={table} /> : props.children}
    </section>
  )
}

function DataTable({ label, data }: { label: string; data: TableData }) {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={`${label}, table`}>
      <table class="table">
        <thead><tr>{data.head.map((h, i) => <th key={h} scope="col" class={i > 0 ? 'right' : ''}>{h}</th>)}</tr></thead>
        <tbody>
          {data.rows.map((row, r) => (
            <tr key={r}>
              {row.cells.map((cell, i) => {
                const text = row.shown?.[i] ?? (cell === null ? '–' : String(cell))
                return <td key={i} class={i > 0 ? 'right' : ''}>{i === 0 && row.href ? <a class="link" href={row.href}>{text}</a> : text}</td>
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Hands a text to the person as a file. */
function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-')
  link.click()
  URL.revokeObjectURL(url)
}
