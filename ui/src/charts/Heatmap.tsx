import { useRef, useState } from 'preact/hooks'
import { plural } from '../format/number'
import { valueLabel } from '../state/filter'
import { type Cell, shades } from './heatMarks'

/** Weekday × hour. One cell at a time is in the tab order; the arrows move, Enter opens. */
export function Heatmap({ rows, href }: { rows: readonly (readonly Cell[])[]; href: (cell: Cell) => string }) {
  const [at, setAt] = useState({ row: 0, hour: 9 })
  const grid = useRef<HTMLDivElement>(null)

  const move = (event: KeyboardEvent) => {
    const steps: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }
    const step = steps[event.key]
    if (!step) return
    event.preventDefault()
    event.stopPropagation()
    const next = { row: (at.row + step[0] + 7) % 7, hour: (at.hour + step[1] + 24) % 24 }
    setAt(next)
    grid.current?.querySelector<HTMLElement>(`[data-cell="${next.row}/${next.hour}"]`)?.focus()
  }
  return (
    <div class="heat num" ref={grid} onKeyDown={move} role="group" aria-label="Conversations by weekday and hour; the arrow keys move">
      {rows.map((cells, row) => (
        <>
          <span aria-hidden="true">{valueLabel('weekday', String(cells[0]?.weekday)).slice(0, 3)}</span>
          {cells.map((cell) => {
            const when = `${valueLabel('weekday', String(cell.weekday))} ${valueLabel('hour_of_day', String(cell.hour))}`
            const label = `${when}: ${plural(cell.value, 'conversation')}`
            return (
              <a key={`${cell.weekday}/${cell.hour}`} class={`cell shade-${cell.shade}`} href={href(cell)} title={label} aria-label={label}
                data-cell={`${row}/${cell.hour}`} tabIndex={row === at.row && cell.hour === at.hour ? 0 : -1} />
            )
          })}
        </>
      ))}
      <span />
      {[0, 3, 6, 9, 12, 15, 18, 21].map((h) => <span class="hour" key={h} aria-hidden="true">{String(h).padStart(2, '0')}</span>)}
    </div>
  )
}

/** What the shades mean. */
export function HeatKey({ max }: { max: number }) {
  return (
    <span class="heat-key" aria-hidden="true">
      0 {Array.from({ length: shades + 1 }, (_, i) => <i key={i} class={`shade-${i}`} />)} <span class="num">{max}</span>
    </span>
  )
}
