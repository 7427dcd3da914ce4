import { changeView, navigate, view } from '../state/location'
import { theme } from '../state/preferences'
import { presets } from '../state/range'
import { fieldIs } from '../state/filter'
import { journeyHref } from '../pages/journey/link'
import { openPerson } from '../pages/people/find'
import { hrefTo } from '../state/view'
import { savedViews, viewHref } from '../state/views'
import { sources } from '../state/workspace'
import { matching } from './matching'
import { entries } from './pages'

/** Something the palette can do. */
export interface Command {
  title: string
  hint: string
  run: () => void
}

/** Everything that can be done from here, and what fits the text typed. */
export function commands(text: string): Command[] {
  const all: Command[] = [
    ...entries.map((e) => ({ title: e.title, hint: e.does, run: () => navigate(hrefTo(e.path, view.value)) })),
    ...savedViews.value.map((v) => ({ title: v.name, hint: 'Saved view', run: () => navigate(viewHref(v)) })),
    { title: 'Connect a client', hint: 'Write key and code to copy', run: () => navigate(hrefTo('/start', view.value)) },
    ...presets.map((p) => ({ title: p.label, hint: `Range · ${p.key.toUpperCase()}`, run: () => changeView({ range: { preset: p.preset } }) })),
    { title: 'Compare with the period before', hint: 'X', run: () => changeView({ compare: !view.value.compare }) },
    ...sources.value.map((s) => ({ title: s.name, hint: 'Only this source', run: () => changeView({ filters: [...view.value.filters.filter((f) => f.field !== 'source'), fieldIs('source', s.id)] }) })),
    ...(['light', 'dark', 'auto'] as const).map((t) => ({ title: `Colours: ${t}`, hint: 'On this device', run: () => { theme.value = t } })),
  ]
  const wanted = text.trim()
  if (wanted === '') return all
  const found = matching(all, wanted)
  return [
    ...found,
    { title: `Search messages for “${wanted}”`, hint: 'Conversations', run: () => navigate(hrefTo('/conversations', { ...view.value, search: wanted })) },
    { title: `Open conversation “${wanted}”`, hint: 'By its id', run: () => navigate(hrefTo(`/conversations/${encodeURIComponent(wanted)}`, view.value)) },
    { title: `Journey of “${wanted}”`, hint: 'By the id of a call', run: () => navigate(journeyHref(wanted, view.value)) },
    { title: `Open person “${wanted}”`, hint: 'By name or any id', run: () => void openPerson(wanted) },
  ]
}
