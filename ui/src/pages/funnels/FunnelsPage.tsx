import { rangeLabel } from '../../format/time'
import { fieldIs } from '../../state/filter'
import { type Funnel, parseFunnel, writeFunnel } from '../../state/funnel'
import { changeParams, params, view } from '../../state/location'
import { conversions, zone } from '../../state/workspace'
import { Editor } from './Editor'
import { FunnelChart } from './FunnelChart'
import { Goals } from './Goals'
import { PathsChart } from './PathsChart'
import { Spread } from './Spread'
import { toGoal } from './steps'

/** Does it lead anywhere? The funnel is in the address: a link shows the same. */
export function FunnelsPage() {
  const funnel = parseFunnel(params.value.get('steps') ?? '') ?? usual()
  const change = (f: Funnel) => changeParams({ steps: writeFunnel(f) })
  return (
    <>
      <div class="page-head">
        <h1>Funnels & paths</h1>
        <span class="sub num">{rangeLabel(view.value.range, zone.value)}</span>
      </div>
      <Goals funnel={funnel} />
      <div class="band funnel-band">
        <Editor funnel={funnel} change={change} />
        <FunnelChart funnel={funnel} />
      </div>
      <div class="band even">
        <Spread title="Messages to conversion" metric="converted_conversations" field="messages_to_conversion" unit="user messages" medianOf="messages_to_conversion" empty="Nothing has converted in this range." />
        <Spread title="Messages per conversation" metric="conversations" field="user_messages" unit="user messages" medianOf="user_messages_per_conversation" empty="No conversations in this range." />
      </div>
      <div class="band"><PathsChart /></div>
    </>
  )
}

/** The funnel that is shown when none was chosen: asked, answered, a tool, the first goal. */
function usual(): Funnel {
  const asked: Funnel = {
    person: false, ordered: true, window: '',
    steps: [
      { name: 'Asked', conditions: [fieldIs('kind', 'message'), fieldIs('role', 'user')] },
      { name: 'Answered', conditions: [fieldIs('kind', 'message'), { field: 'role', op: 'eq', values: ['agent', 'human_agent'], not: false }] },
      { name: 'Goal', conditions: [] },
    ],
  }
  return toGoal(asked, conversions.value[0] ?? { name: 'Goal', events: [], where: [] })
}
