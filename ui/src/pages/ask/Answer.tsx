import type { SQLAnswer } from '../../api/types'
import { Bars } from '../../charts/Bars'
import { Figure } from '../../charts/Figure'
import { duration, plural } from '../../format/number'
import { type ChartKind, type Drawing, drawingOf, kinds, lineMarks, linkOf, shown, tableOf } from './answer'

const titles: Record<ChartKind, string> = { table: 'Table', line: 'Line', bar: 'Bars' }

/** The answer to a statement: as a table or drawn, with its CSV. */
export function Answer({ answer, kind, choose }: { answer: SQLAnswer; kind: ChartKind; choose: (kind: ChartKind) => void }) {
  const sub = `${plural(answer.rows.length, 'row')}${answer.truncated ? ', and more that are left out' : ''} · ${duration(answer.took_ms)}`
  const tools = (
    <div class="segments" role="group" aria-label="Show as">
      {kinds.map((k) => <button type="button" key={k} aria-pressed={k === kind} onClick={() => choose(k)}>{titles[k]}</button>)}
    </div>
  )
  return <Figure title="Answer" sub={<span role="status">{sub}</span>} tools={tools} table={tableOf(answer)}>{kind === 'table' ? <Rows answer={answer} /> : <Drawn answer={answer} kind={kind} />}</Figure>
}

function Rows({ answer }: { answer: SQLAnswer }) {
  const numeric = answer.columns.map((_, i) => answer.rows.some((r) => typeof r[i] === 'number'))
  if (answer.rows.length === 0) return <p class="quiet">No rows.</p>
  return (
    <div class="table-wrap answer-rows" tabIndex={0} role="region" aria-label="Rows of the answer">
      <table class="table">
        <thead><tr>{answer.columns.map((c, i) => <th key={i} scope="col" class={numeric[i] ? 'right' : ''} title={c.type}>{c.name}</th>)}</tr></thead>
        <tbody>
          {answer.rows.map((row, r) => (
            <tr key={r}>
              {row.map((value, i) => {
                const href = linkOf(answer.columns[i]?.name ?? '', value)
                const text = shown(value)
                return <td key={i} class={numeric[i] ? 'right num' : value === null ? 'quiet' : ''}>{href ? <a class="link" href={href}>{text}</a> : text}</td>
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Drawn({ answer, kind }: { answer: SQLAnswer; kind: ChartKind }) {
  const drawing = drawingOf(answer)
  if (typeof drawing === 'string') return <p class="quiet">{drawing}</p>
  if (kind === 'line') return <Lines drawing={drawing} />
  const series = drawing.series[0]
  if (!series) return null
  const bars = drawing.labels.slice(0, 100).map((label, i) => {
    const value = series.values[i] ?? null
    return { label, value: Math.max(0, value ?? 0), text: shown(value), quiet: value === null }
  })
  return (
    <>
      <p class="small quiet">{series.name}{drawing.labels.length > bars.length && `, the first ${bars.length}`}</p>
      <Bars bars={bars} />
    </>
  )
}

function Lines({ drawing }: { drawing: Drawing }) {
  const { top, bottom, paths, points } = lineMarks(drawing)
  return (
    <div class="lines">
      {drawing.series.length > 1 && <p class="legend">{drawing.series.map((s, i) => <span key={s.name}><i class={`line-${i}`} /> {s.name}</span>)}</p>}
      <div class="plane">
        <span class="axis num" aria-hidden="true"><span>{shown(top)}</span><span>{shown(bottom)}</span></span>
        <svg viewBox="0 0 1 1" preserveAspectRatio="none" role="img" aria-label={`${drawing.series.map((s) => s.name).join(', ')} by ${drawing.labels.length} points; the table has the numbers`}>
          {bottom < 0 && top > 0 && <line class="base" x1="0" x2="1" y1={top / (top - bottom)} y2={top / (top - bottom)} />}
          {paths.map((d, i) => <path key={i} class={`line-${i}`} d={d} />)}
          {points.map((list, i) => list.map((p, k) => <path key={`${i}-${k}`} class={`dot line-${i}`} d={`M${p.x} ${p.y}h0`} />))}
        </svg>
      </div>
      <p class="ends num small quiet" aria-hidden="true"><span>{drawing.labels[0]}</span><span>{drawing.labels.at(-1)}</span></p>
    </div>
  )
}
