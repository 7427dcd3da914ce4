import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Paths } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { Sankey } from '../../charts/Sankey'
import { Failure, Waiting } from '../../components/States'
import { count, plural } from '../../format/number'
import { fieldIs } from '../../state/filter'
import { changeParams, params } from '../../state/location'
import { question } from '../../state/workspace'
import { conversationsHref } from '../overview/links'
import { nodeLabel, pathRows } from './marks'

const kinds = [['topic', 'Topic'], ['tool', 'Tools'], ['component', 'Components'], ['conversion', 'Conversion'], ['outcome', 'Outcome']] as const
const fields: Record<string, string> = { topic: 'topic', tool: 'tool_name', component: 'artifact_type', outcome: 'outcome' }

/** Which ways conversations take, from their topic to their outcome. */
export function PathsChart() {
  const chosen = params.value.get('nodes')?.split(',').filter((k) => kinds.some(([kind]) => kind === k)) ?? kinds.map(([kind]) => kind)
  const depth = Math.min(8, Math.max(1, Number(params.value.get('depth')) || 4))
  const { data, error, loading, reload } = useGet<Paths>(apiUrl('paths', { ...question.value, nodes: chosen.join(',') || 'conversion', depth, limit: 8 }))
  const toggle = (kind: string) => {
    const next = kinds.map(([k]) => k).filter((k) => (k === kind ? !chosen.includes(k) : chosen.includes(k)))
    changeParams({ nodes: next.length === kinds.length ? undefined : next.join(',') || 'conversion' })
  }
  return (
    <Figure title="Paths" sub={data && plural(data.conversations, 'conversation')}
      tools={(
        <>
          <span class="segments" role="group" aria-label="Kinds of nodes">
            {kinds.map(([kind, title]) => <button key={kind} type="button" aria-pressed={chosen.includes(kind)} onClick={() => toggle(kind)}>{title}</button>)}
          </span>
          <label class="small quiet">steps <select class="control" value={String(depth)} onChange={(e) => changeParams({ depth: e.currentTarget.value })}>
            {[1, 2, 3, 4, 5, 6, 8].map((n) => <option key={n} value={String(n)}>{n}</option>)}
          </select></label>
        </>
      )}
      table={data ? { head: ['Step', 'From', 'To', 'Conversations'], rows: pathRows(data) } : null}>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : data.conversations === 0
        ? <p class="quiet small">No conversations in this range.</p>
        : (
          <div class={loading ? 'busy' : ''}>
            <Sankey label="Ways that conversations take"
              nodes={data.nodes.map((n) => ({ ...n, label: nodeLabel(n), text: count(n.n), href: hrefOf(n) }))}
              links={data.links.map((l) => ({ ...l, text: count(l.n) }))} />
            <p class="tiny quiet">A box opens all conversations with that topic, tool, component or outcome, wherever in their course it comes.</p>
          </div>
        )}
    </Figure>
  )
}

function hrefOf(n: Paths['nodes'][number]): string | undefined {
  if (n.kind === 'conversion') return conversationsHref(fieldIs('converted', 'true'))
  const field = fields[n.kind]
  return field && (n.name !== null || n.kind === 'topic' || n.kind === 'outcome') ? conversationsHref(fieldIs(field, n.name)) : undefined
}
