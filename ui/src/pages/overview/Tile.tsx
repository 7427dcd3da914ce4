import type { MetricAnswer } from '../../api/types'
import { useGet } from '../../api/resource'
import { apiUrl } from '../../api/client'
import { Sparkline } from '../../charts/Sparkline'
import { change, figure } from '../../format/number'
import { view } from '../../state/location'
import { defaultPeriod, unfinished } from '../../state/range'
import { hrefTo } from '../../state/view'
import { bounds, conversions, question } from '../../state/workspace'
import { basis, sources, type TileSpec } from './tiles'

/** A figure with its change, its shape and what it rests on. The whole of it opens the conversations. */
export function Tile({ spec }: { spec: TileSpec }) {
  const period = defaultPeriod(bounds.value)
  const bounded = bounds.value.from !== undefined
  const { data, error, loading } = useGet<MetricAnswer>(apiUrl(`metrics/${spec.metric}`, {
    ...question.value, stat: spec.stat, period, compare: bounded ? 'previous' : undefined,
  }))
  const made = useGet<MetricAnswer>(spec.made ? apiUrl('metrics/conversations', { ...question.value, breakdown: spec.made }) : null)
  const href = hrefTo('/conversations', { ...view.value, filters: [...view.value.filters, ...spec.filters] }, { sort: spec.sort })
  const undefinedConversion = data?.metric.conversion && conversions.value.length === 0 && !data.total.value
  if (spec.otherwise && data?.total.value === null) return <Tile spec={spec.otherwise} />
  const note = spec.made ? made.data && sources(made.data) : data && basis(data)
  return (
    <div class={`tile ${loading ? 'busy' : ''}`}>
      <a class="cover" href={href} title={data?.metric.definition}><span class="tile-label">{spec.label}</span></a>
      {error
        ? <span class="tile-note" role="alert">{error.message}</span>
        : (
          <>
            <span class="tile-value num">{data ? figure(data.total.value, data.metric.unit) : '\u00a0'}{data && <Changed answer={data} />}</span>
            <span class="tile-note num">{undefinedConversion ? <a class="link above" href={hrefTo('/data/conversions', view.value)}>Say what counts as one</a> : note || '\u00a0'}</span>
            <Sparkline values={data?.series.filter((p) => !unfinished(p.start, period, Date.now())).map((p) => p.value) ?? []} />
          </>
        )}
    </div>
  )
}

/** The change against the period before: an arrow, so that colour is not needed to read it. */
function Changed({ answer }: { answer: MetricAnswer }) {
  const changed = change(answer.previous?.change, answer.metric.better)
  if (!changed || !answer.previous) return null
  const arrows = { up: '↑', down: '↓', same: '=' }
  const tone = changed.good === null ? '' : changed.good ? 'good' : 'bad'
  const before = figure(answer.previous.total.value, answer.metric.unit)
  return (
    <span class={`changed ${tone}`} title={`${before} in the period before`}>
      <span aria-hidden="true">{arrows[changed.direction]}</span> {changed.text}
      <span class="hidden"> {changed.direction === 'same' ? 'unchanged' : changed.direction} against {before} in the period before</span>
    </span>
  )
}
