import { useState } from 'preact/hooks'
import { Icon } from '../components/Icon'
import { Popover } from '../components/Popover'
import { rangeLabel } from '../format/time'
import { addDays, isDay } from '../state/day'
import { changeView, view } from '../state/location'
import { boundsOf, presets, sameRange, shiftRange } from '../state/range'
import { today, zone } from '../state/workspace'

/** The range: steps to both sides, presets, and two days of one's own. */
export function RangePicker() {
  const range = view.value.range
  const open = 'preset' in range && range.preset === 'all'
  return (
    <div class="joined" role="group" aria-label="Range">
      <button type="button" class="button square" aria-label="Earlier" disabled={open} onClick={() => step(-1)}><Icon name="left" /></button>
      <Popover class="range-menu" label={`Range: ${rangeLabel(range, zone.value)}`}
        button={<><span class="num">{rangeLabel(range, zone.value)}</span><Icon name="down" /></>}>
        {(close) => <Choices close={close} />}
      </Popover>
      <button type="button" class="button square" aria-label="Later" disabled={open} onClick={() => step(1)}><Icon name="right" /></button>
    </div>
  )
}

/** Moves the range by its own length. */
export function step(direction: 1 | -1): void {
  changeView({ range: shiftRange(view.value.range, direction, today.value) })
}

function Choices({ close }: { close: () => void }) {
  const range = view.value.range
  const now = boundsOf(range, today.value)
  const [from, setFrom] = useState(now.from && isDay(now.from) ? now.from : addDays(today.value, -6))
  const [last, setLast] = useState(now.until && isDay(now.until) ? addDays(now.until, -1) : today.value)
  const valid = isDay(from) && isDay(last) && from <= last

  const apply = (event: Event) => {
    event.preventDefault()
    if (!valid) return
    changeView({ range: { from, until: addDays(last, 1) } })
    close()
  }
  return (
    <>
      {presets.map(({ preset, label, key }) => (
        <button type="button" class="menu-item" key={preset} aria-pressed={sameRange(range, { preset })}
          onClick={() => { changeView({ range: { preset } }); close() }}>
          {label}<kbd>{key.toUpperCase()}</kbd>
        </button>
      ))}
      <form onSubmit={apply}>
        <div class="dates">
          <label class="field"><span>From</span><input class="control" type="date" value={from} onInput={(e) => setFrom(e.currentTarget.value)} /></label>
          <label class="field"><span>To, included</span><input class="control" type="date" value={last} onInput={(e) => setLast(e.currentTarget.value)} /></label>
        </div>
        <button class="button" disabled={!valid}>Show these days</button>
      </form>
    </>
  )
}
