import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { MetricAnswer } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { Sparkline } from '../../charts/Sparkline'
import { Failure, Waiting } from '../../components/States'
import { count, none, percent, score } from '../../format/number'
import { fieldIs } from '../../state/filter'
import { view } from '../../state/location'
import { defaultPeriod } from '../../state/range'
import { hrefTo } from '../../state/view'
import { bounds, question } from '../../state/workspace'
import { paired } from './cards'
import { conversationsHref } from './links'

/** What people ask most, how content they are with it, and where it goes. */
export function TopTopics() {
  const volume = useGet<MetricAnswer>(apiUrl('metrics/conversations', { ...question.value, breakdown: 'topic', period: defaultPeriod(bounds.value), limit: 8 }))
  const content = useGet<MetricAnswer>(apiUrl('metrics/overall_satisfaction', { ...question.value, breakdown: 'topic', limit: 200 }))
  const total = volume.data?.total.value ?? 0
  const all = volume.data ? paired(volume.data, content.data).map((t) => ({ ...t, name: t.label ?? t.key ?? 'no topic yet', share: total > 0 ? t.value / total : 0 })) : []
  const found = all.some((t) => t.key !== null)
  const error = volume.error ?? content.error
  return (
    <Figure title="Top topics" sub={<a class="link" href={hrefTo('/topics', view.value)}>All</a>}
      table={found ? { head: ['Topic', 'Conversations', 'Share', 'Satisfaction'], rows: all.map((t) => ({ cells: [t.name, t.value, t.share, t.other], shown: [t.name, count(t.value), percent(t.share), t.other === null ? none : score(t.other)], href: conversationsHref(fieldIs('topic', t.key)) })) } : null}>
      {error ? <Failure error={error} retry={volume.reload} /> : !volume.data ? <Waiting /> : !found
        ? <p class="quiet small">Topics are found by themselves after about fifty conversations with messages.</p>
        : (
          <table class={`table cards ${volume.loading ? 'busy' : ''}`}>
            <thead><tr><th scope="col">Topic</th><th scope="col" class="right">Share</th><th scope="col" class="right">Satisfaction</th><th scope="col" class="trend"><span class="hidden">Trend</span></th></tr></thead>
            <tbody>
              {all.map((t) => (
                <tr key={String(t.key)}>
                  <td class="clip"><a class={t.key === null ? 'quiet' : 'link'} href={conversationsHref(fieldIs('topic', t.key))}>{t.name}</a></td>
                  <td class="right num">{percent(t.share)}</td>
                  <td class="right num">{t.other === null ? none : score(t.other)}</td>
                  <td class="trend"><Sparkline values={t.trend} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
    </Figure>
  )
}
