import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Conversion, MetricAnswer } from '../../api/types'
import { figure } from '../../format/number'
import { type Funnel, writeFunnel } from '../../state/funnel'
import { changeParams, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { conversions, question } from '../../state/workspace'
import { toGoal } from './steps'

const most = 6

/** The goals of the workspace: how many conversations reach each, and a funnel to it. */
export function Goals({ funnel }: { funnel: Funnel }) {
  const goals = conversions.value.slice(0, most)
  return (
    <section class="figure" aria-label="Goals">
      <header><h2>Goals</h2><a class="link small" href={hrefTo('/data/conversions', view.value)}>What counts</a></header>
      {goals.length === 0
        ? <p class="quiet small">No goal is defined: events of kind conversion count. <a class="link" href={hrefTo('/data/conversions', view.value)}>Define one</a> by the names of your events.</p>
        : <ul class="goals num">{goals.map((g) => <Goal key={g.name} goal={g} funnel={funnel} />)}</ul>}
    </section>
  )
}

function Goal({ goal, funnel }: { goal: Conversion; funnel: Funnel }) {
  const { data } = useGet<MetricAnswer>(apiUrl('metrics/conversion_rate', { ...question.value, conversion: goal.name }))
  const messages = useGet<MetricAnswer>(apiUrl('metrics/messages_to_conversion', { ...question.value, conversion: goal.name }))
  return (
    <li>
      <b>{goal.name}</b>
      <span>{figure(data?.total.value, 'ratio')} <span class="quiet">of {figure(data?.total.n, 'count')} conversations</span></span>
      <span class="quiet">{figure(messages.data?.total.value, 'count')} messages (median)</span>
      <button type="button" class="button" onClick={() => changeParams({ steps: writeFunnel(toGoal(funnel, goal)) })}>Funnel to it</button>
    </li>
  )
}
