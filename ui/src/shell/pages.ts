import type { IconName } from '../components/Icon'

/** The entries of the rail, in their groups. */
export interface Entry {
  path: string
  title: string
  icon: IconName
  does: string
  /** Pages behind tabs of this one; the rail shows the one entry for all. */
  parts?: readonly Entry[]
}

/** Pages that belong together. */
export interface Group {
  title: string
  entries: readonly Entry[]
  /** Shown as one entry, which unfolds where one of its pages is open: a rail of twelve is read at a glance. */
  folds?: Entry
}

export const groups: readonly Group[] = [
  {
    title: 'Read',
    entries: [
      { path: '/', title: 'Overview', icon: 'overview', does: 'How is the copilot doing?' },
      { path: '/conversations', title: 'Conversations', icon: 'conversations', does: 'Which ones, and why?' },
      {
        path: '/people', title: 'People', icon: 'people', does: 'Who?', parts: [
          { path: '/audiences', title: 'Audiences', icon: 'people', does: 'For whom does a rule hold?' },
          { path: '/traits', title: 'Traits', icon: 'people', does: 'What follows from what they did?' },
          { path: '/accounts', title: 'Accounts', icon: 'people', does: 'Which companies and teams?' },
          { path: '/flagged', title: 'Flagged ids', icon: 'flag', does: 'Which ids name nobody?' },
          { path: '/id-rules', title: 'Rules of ids', icon: 'people', does: 'Which ids make one person?' },
        ],
      },
      { path: '/ask', title: 'Ask', icon: 'ask', does: 'Anything else, in SQL' },
    ],
  },
  {
    title: 'Understand',
    entries: [
      { path: '/topics', title: 'Topics', icon: 'topics', does: 'What do they ask, where do we fail?' },
      { path: '/signals', title: 'Signals', icon: 'signals', does: 'Where does it hurt?' },
      { path: '/funnels', title: 'Funnels & paths', icon: 'funnels', does: 'Does it lead anywhere?' },
      { path: '/retention', title: 'Retention & cohorts', icon: 'retention', does: 'Do they come back?' },
      { path: '/components', title: 'Components & tools', icon: 'component', does: 'What do richer answers bring?' },
      { path: '/experiments', title: 'Experiments', icon: 'experiments', does: 'Which prompt or model is better?' },
    ],
  },
  {
    title: 'Data',
    folds: { path: '/data/sources', title: 'Data', icon: 'sources', does: 'Is the data right?' },
    entries: [
      { path: '/data/sources', title: 'Sources', icon: 'sources', does: 'Where do events come from, and are they right?' },
      { path: '/data/live', title: 'Live', icon: 'live', does: 'What comes in right now?' },
      { path: '/data/plans', title: 'Plans', icon: 'plans', does: 'What should come in?' },
      { path: '/data/violations', title: 'Violations', icon: 'violations', does: 'What deviates from the plans?' },
      { path: '/data/quarantine', title: 'Quarantine', icon: 'quarantine', does: 'What is held back?' },
      { path: '/data/journey', title: 'Journey', icon: 'journey', does: 'Where is my event?' },
      { path: '/data/destinations', title: 'Destinations', icon: 'destinations', does: 'Where do events go on to, and do they arrive?' },
      { path: '/data/functions', title: 'Functions', icon: 'functions', does: 'What changes events on their way?' },
      { path: '/data/privacy', title: 'Privacy', icon: 'privacy', does: 'What is masked before it is stored?' },
      { path: '/data/conversions', title: 'Conversions', icon: 'conversions', does: 'What counts as success?' },
    ],
  },
]

/** All pages, those behind tabs too. */
export const entries: readonly Entry[] = groups.flatMap((g) => g.entries).flatMap((e) => [e, ...(e.parts ?? [])])

/** The entry that a path belongs to. */
export function entryOf(path: string): Entry | undefined {
  return entries.find((e) => e.path === path) ?? entries.find((e) => e.path !== '/' && path.startsWith(`${e.path}/`))
}
