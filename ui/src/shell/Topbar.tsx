import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from '../components/Icon'
import { zoneLabel } from '../format/time'
import { fieldIs } from '../state/filter'
import { changeView, view } from '../state/location'
import { me, sources, zone } from '../state/workspace'
import { Chips } from './Chips'
import { RangePicker } from './RangePicker'
import { Views } from './Views'

/** The bar of every page: workspace, range, compare, source, search, palette; below it the filters. */
export function Topbar({ openMenu, openPalette, menuOpen }: { openMenu: () => void; openPalette: () => void; menuOpen: boolean }) {
  const { compare, range } = view.value
  const open = 'preset' in range && range.preset === 'all'
  return (
    <header class="bar">
      <div class="bar-row">
        <button type="button" class="button square menu-button" aria-label="Pages" aria-expanded={menuOpen} aria-controls="rail" onClick={openMenu}><Icon name="menu" /></button>
        <span class="workspace clip" title="Workspace">{me.value?.workspace.name}</span>
        <RangePicker />
        <button type="button" class="button" aria-pressed={compare && !open} disabled={open} title="Compare with the period before (X)" onClick={() => changeView({ compare: !compare })}>Compare</button>
        <SourceFilter />
        <Views />
        <span class="zone push" title="Times are in the workspace’s time zone">{zoneLabel(zone.value)}</span>
        <Search />
        <button type="button" class="button palette-button" onClick={openPalette}><span class="hidden">Command palette </span><kbd>{mac ? '⌘K' : 'Ctrl K'}</kbd></button>
      </div>
      <Chips />
    </header>
  )
}

const mac = /Mac|iP/.test(navigator.platform)

/** One source or all. A filter on several sources, made elsewhere, shows as such. */
function SourceFilter() {
  if (sources.value.length < 2) return null
  const { filters } = view.value
  const chosen = filters.find((f) => f.field === 'source')
  const value = !chosen ? '' : chosen.op === 'eq' && !chosen.not && chosen.values.length === 1 ? chosen.values[0] : '…'
  const choose = (id: string) => {
    const others = filters.filter((f) => f.field !== 'source')
    changeView({ filters: id ? [...others, fieldIs('source', id)] : others })
  }
  return (
    <select class="control" aria-label="Source" value={value} onChange={(event) => choose(event.currentTarget.value)}>
      <option value="">All sources</option>
      {value === '…' && <option value="…" disabled>Several sources</option>}
      {sources.value.map((s) => <option key={s.id} value={s.id}>{s.name}</option>)}
    </select>
  )
}

/** Searches in the texts of messages; what is searched for is part of the URL on Enter. */
function Search() {
  const current = view.value.search
  const [text, setText] = useState(current)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => setText(current), [current])
  const submit = (event: Event) => {
    event.preventDefault()
    changeView({ search: text.trim() })
  }
  return (
    <form class="search" role="search" onSubmit={submit}>
      <Icon name="search" />
      <input ref={input} id="search" class="control" type="text" placeholder="Search messages" aria-label="Search in message texts" value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => { if (event.key === 'Escape') { setText(current); input.current?.blur() } }} />
      <kbd>/</kbd>
    </form>
  )
}
