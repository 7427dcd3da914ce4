import { Icon } from '../components/Icon'
import { ask } from '../api/client'
import { path, view } from '../state/location'
import { type Theme, theme } from '../state/preferences'
import { hrefTo } from '../state/view'
import { me, status } from '../state/workspace'
import { type Entry, entryOf, type Group, groups } from './pages'

/** The left rail: the pages, in groups. Links keep the view. On narrow screens it is a drawer. */
export function Rail({ open, onLeave }: { open: boolean; onLeave: () => void }) {
  const here = entryOf(path.value)
  return (
    <aside class={`rail ${open ? 'open' : ''}`} id="rail" aria-label="Pages">
      <a class="brand" href={hrefTo('/', view.value)} onClick={onLeave}><Logo />Debrief</a>
      <nav aria-label="Pages">
        {groups.map((group) => (
          <section key={group.title}>
            {group.folds ? <Folded group={group} here={here} onLeave={onLeave} /> : <><h2>{group.title}</h2><Entries entries={group.entries} here={here} onLeave={onLeave} /></>}
          </section>
        ))}
      </nav>
      <div class="rail-foot">
        <ThemeSwitch />
        <span class="clip">{me.value?.email || me.value?.name}</span>
        <span><a class="linkish" href="/account">Account</a> · <LogOut /></span>
        <span>{status.value?.version && `Debrief ${status.value.version}`}</span>
      </div>
    </aside>
  )
}

interface Links {
  here: Entry | undefined
  onLeave: () => void
}

function Entries({ entries, here, onLeave }: Links & { entries: readonly Entry[] }) {
  return (
    <ul>
      {entries.map((entry) => (
        <li key={entry.path}>
          <a href={hrefTo(entry.path, view.value)} aria-current={entry === here ? 'page' : here && entry.parts?.includes(here) ? 'true' : undefined} onClick={onLeave}>
            <Icon name={entry.icon} />{entry.title}
          </a>
        </li>
      ))}
    </ul>
  )
}

/** A group as one entry; where one of its pages is open, all of them stand below. */
function Folded({ group, here, onLeave }: Links & { group: Group }) {
  const unfolded = here !== undefined && group.entries.includes(here)
  if (unfolded || !group.folds) return <><h2>{group.title}</h2><Entries entries={group.entries} here={here} onLeave={onLeave} /></>
  return <Entries entries={[group.folds]} here={here} onLeave={onLeave} />
}

function Logo() {
  return (
    <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d="M4 3.5h5.5a6.5 6.5 0 0 1 0 13H4z" stroke-width="2.2" />
      <path d="M8 8h4.2M8 11.8h2.6" stroke-width="1.7" />
    </svg>
  )
}

function ThemeSwitch() {
  const themes: readonly [Theme, string][] = [['light', 'Light'], ['dark', 'Dark'], ['auto', 'Auto']]
  return (
    <div class="segments" role="group" aria-label="Colours">
      {themes.map(([name, label]) => (
        <button type="button" key={name} aria-pressed={theme.value === name} onClick={() => { theme.value = name }}>{label}</button>
      ))}
    </div>
  )
}

function LogOut() {
  const leave = async () => {
    await ask('/logout', { method: 'POST' }).catch(() => undefined)
    location.assign('/login')
  }
  return <button type="button" class="linkish" onClick={leave}>Log out</button>
}

