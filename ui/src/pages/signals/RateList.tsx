import type { SignalDefinition, SignalRates } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { Sparkline } from '../../charts/Sparkline'
import { Empty } from '../../components/States'
import { count, percent } from '../../format/number'
import { fieldIs } from '../../state/filter'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { conversationsHref } from '../overview/links'
import { tone, weight } from './words'

/** How many conversations have each signal, the most frequent first. */
export function RateList({ rates, signals, chosen }: { rates: SignalRates; signals: readonly SignalDefinition[]; chosen: string | undefined }) {
  const known = new Map(signals.map((s) => [s.name, s]))
  const title = (name: string) => known.get(name)?.title ?? name
  if (rates.signals.length === 0) {
    return <Empty title="No signal in this range"><p>{rates.of === 0 ? 'No conversation of this range is analysed yet; it takes some seconds after its last event.' : 'Nothing spoke for or against an answer.'}</p></Empty>
  }
  return (
    <Figure title="Conversations with a signal" table={{
      head: ['Signal', 'Conversations', 'Of', 'Rate'],
      rows: rates.signals.map((s) => ({ cells: [title(s.name), s.n, rates.of, s.rate], shown: [title(s.name), count(s.n), count(rates.of), percent(s.rate)], href: conversationsHref(fieldIs('signal', s.name)) })),
    }}>
      <ul class="rates">
        {rates.signals.map((s) => {
          const w = known.get(s.name)?.weight ?? 0
          const shown = known.get(s.name)?.fixed_weight ? '±1' : weight(w)
          return (
            <li key={s.name} class={s.name === chosen ? 'chosen' : ''}>
              <a href={hrefTo('/signals', view.value, { signal: s.name })} aria-current={s.name === chosen ? 'true' : undefined}>
                <span class="clip">{title(s.name)} <span class={`weight num ${tone(w)}`}>{shown}</span></span>
                <Sparkline values={s.series.map((p) => p.rate)} />
                <span class="num right"><b>{percent(s.rate)}</b></span>
              </a>
              <a class="num small quiet right all" href={conversationsHref(fieldIs('signal', s.name))} aria-label={`${count(s.n)} conversations with ${title(s.name)}`}>{count(s.n)}</a>
            </li>
          )
        })}
      </ul>
    </Figure>
  )
}
