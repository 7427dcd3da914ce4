import type { ComponentChildren } from 'preact'
import { count as inWords } from '../../format/number'
import { entries, entryOf } from '../../shell/pages'
import { path, view } from '../../state/location'
import { hrefTo } from '../../state/view'

/** The head of the pages about people: what is shown, and the way to the others. */
export function PeopleTabs({ title, count, children }: { title: string; count?: number | undefined; children?: ComponentChildren }) {
  const here = entryOf(path.value)
  const people = entries.find((e) => e.path === '/people')
  const pages = people ? [people, ...(people.parts ?? [])] : []
  return (
    <>
      <div class="page-head"><h1>{title} {count !== undefined && <span class="quiet num">{inWords(count)}</span>}</h1>{children}</div>
      <nav class="tabs people-tabs" aria-label="About people">
        {pages.map((p) => <a key={p.path} href={hrefTo(p.path, view.value)} aria-current={p === here ? 'page' : undefined}>{p.title}</a>)}
      </nav>
    </>
  )
}
