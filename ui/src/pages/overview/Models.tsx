import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { MetricAnswer } from '../../api/types'
import { Bars } from '../../charts/Bars'
import { Figure } from '../../charts/Figure'
import { Failure, Waiting } from '../../components/States'
import { count, none, percent, score } from '../../format/number'
import { fieldIs } from '../../state/filter'
import { question } from '../../state/workspace'
import { paired } from './cards'
import { conversationsHref } from './links'

/** Which models answer, and how content people are with each. */
export function Models() {
  const volume = useGet<MetricAnswer>(apiUrl('metrics/conversations', { ...question.value, breakdown: 'model', limit: 8 }))
  const content = useGet<MetricAnswer>(apiUrl('metrics/overall_satisfaction', { ...question.value, breakdown: 'model', limit: 100 }))
  const total = volume.data?.total.value ?? 0
  const rows = volume.data ? paired(volume.data, content.data).filter((m) => m.key !== null) : []
  const error = volume.error ?? content.error
  return (
    <Figure title="Models" sub={rows.length > 0 ? 'conversations · satisfaction' : null}
      table={rows.length > 0 ? { head: ['Model', 'Conversations', 'Share', 'Satisfaction'], rows: rows.map((m) => ({ cells: [m.key, m.value, m.value / total, m.other], shown: [m.key ?? '', count(m.value), percent(m.value / total), m.other === null ? none : score(m.other)], href: conversationsHref(fieldIs('model', m.key)) })) } : null}>
      {error ? <Failure error={error} retry={volume.reload} /> : !volume.data ? <Waiting /> : rows.length === 0
        ? <p class="quiet small">No call of a model in this range. Send traces with OpenTelemetry, or your SDK's model events.</p>
        : <div class={volume.loading ? 'busy' : ''}><Bars bars={rows.map((m) => ({ label: m.key ?? '', value: m.value, text: `${count(m.value)} · ${m.other === null ? none : score(m.other)}`, share: m.value / total, href: conversationsHref(fieldIs('model', m.key)) }))} /></div>}
    </Figure>
  )
}
