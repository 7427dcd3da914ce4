import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { ConversationList } from '../../api/types'
import { dateTime, rangeLabel } from '../../format/time'
import { addDays, dayOf } from '../../state/day'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { question, zone } from '../../state/workspace'
import { MainChart } from './MainChart'
import { Models } from './Models'
import { NewUsers } from './NewUsers'
import { Tile } from './Tile'
import { tiles } from './tiles'
import { TopList } from './TopList'
import { TopTopics } from './TopTopics'
import { WeekHeat } from './WeekHeat'
import { WhatChanged } from './WhatChanged'
import { WorstSignals } from './WorstSignals'

/** How is the copilot doing? */
export function OverviewPage() {
  return (
    <>
      <div class="page-head">
        <h1>Overview</h1>
        <span class="sub num">{rangeLabel(view.value.range, zone.value)}</span>
      </div>
      <Elsewhere />
      <div class="tiles">{tiles.map((spec) => <Tile key={spec.metric} spec={spec} />)}</div>
      <div class="band"><MainChart /></div>
      <div class="band"><WhatChanged /></div>
      <div class="band halves">
        <WorstSignals />
        <TopTopics />
      </div>
      <div class="band quarters">
        <TopList title="Actions" metric="actions" field="tool_name" one="action" fill="Send Action Invoked when the copilot uses a tool." />
        <TopList title="Components" metric="components" field="artifact_type" one="time shown" many="times shown" fill="Send Component Loaded when a chart, table or form is shown." />
        <Models />
        <TopList title="Events by name" metric="events" field="source_event" one="event" fill="" />
      </div>
      <div class="band halves">
        <NewUsers />
        <WeekHeat />
      </div>
    </>
  )
}

/** Says where the conversations are when there are none in the range shown. */
function Elsewhere() {
  const inRange = useGet<ConversationList>(apiUrl('conversations', { ...question.value, limit: 1 }))
  const empty = inRange.data?.total === 0 && !inRange.loading
  const ever = useGet<ConversationList>(empty ? apiUrl('conversations', { filter: question.value.filter, q: question.value.q, limit: 1 }) : null)
  const latest = ever.data?.conversations[0]
  if (!empty || !ever.data) return null
  if (!latest) {
    const narrowed = view.value.filters.length > 0 || view.value.search !== ''
    return <p class="notice">{narrowed ? 'No conversation passes these filters, in any range.' : 'There are events, but no conversation yet: send conversationId with your events.'}</p>
  }
  const day = dayOf(new Date(latest.at), zone.value)
  const month = { from: addDays(day, -29), until: addDays(day, 1) }
  return (
    <p class="notice">
      <span>No conversations in this range. The latest began {dateTime(latest.at, zone.value)}.</span>
      <a class="link" href={hrefTo('/', { ...view.value, range: month })}>Show the 30 days up to then</a>
    </p>
  )
}
