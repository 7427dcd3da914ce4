import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { SignalRates, Signals } from '../../api/types'
import { Bars } from '../../charts/Bars'
import { Figure } from '../../charts/Figure'
import { Failure, Waiting } from '../../components/States'
import { count, percent } from '../../format/number'
import { fieldIs } from '../../state/filter'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { question } from '../../state/workspace'
import { worst } from './cards'
import { conversationsHref } from './links'

/** Where it hurts: the signals against the copilot, by how often and how much. */
export function WorstSignals() {
  const rates = useGet<SignalRates>(apiUrl('signals/rates', question.value))
  const catalogue = useGet<Signals>(apiUrl('signals'))
  const error = rates.error ?? catalogue.error
  const rows = rates.data && catalogue.data ? worst(rates.data, catalogue.data.signals, 8) : []
  return (
    <Figure title="Worst signals" sub={<a class="link" href={hrefTo('/signals', view.value)}>All</a>}
      table={rows.length > 0 ? { head: ['Signal', 'Conversations', 'Share of those analysed'], rows: rows.map((r) => ({ cells: [r.title, r.n, r.rate], shown: [r.title, count(r.n), percent(r.rate)], href: conversationsHref(fieldIs('signal', r.name)) })) } : null}>
      {error ? <Failure error={error} retry={rates.reload} /> : !rates.data || !catalogue.data ? <Waiting /> : rows.length === 0
        ? <p class="quiet small">{rates.data.of === 0 ? 'No conversation of this range is analysed yet.' : 'None of the signals that weigh against the copilot.'}</p>
        : <div class={rates.loading ? 'busy' : ''}><Bars bars={rows.map((r) => ({ label: r.title, value: r.n, text: count(r.n), share: r.rate, href: conversationsHref(fieldIs('signal', r.name)) }))} /></div>}
    </Figure>
  )
}
