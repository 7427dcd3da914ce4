import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { AnalysisProgress, SignalRates, Signals } from '../../api/types'
import { Failure, Waiting } from '../../components/States'
import { count, percent } from '../../format/number'
import { defaultPeriod } from '../../state/range'
import { params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { bounds, question } from '../../state/workspace'
import { worst } from '../overview/cards'
import { Catalogue } from './Catalogue'
import { Learned } from './Learned'
import { RateList } from './RateList'
import { SignalDetail } from './SignalDetail'

const tabs = [['', 'Rates'], ['catalogue', 'Catalogue and outcomes'], ['learning', 'Learning']] as const

/** Where does it hurt? How often each sign of a good or bad course is seen, where, and by which rule. */
export function SignalsPage() {
  const tab = params.value.get('tab') ?? ''
  const chosen = params.value.get('signal') ?? ''
  const catalogue = useGet<Signals>(apiUrl('signals'))
  const rates = useGet<SignalRates>(tab === '' ? apiUrl('signals/rates', { ...question.value, period: defaultPeriod(bounds.value) }) : null)
  const progress = useGet<AnalysisProgress>(apiUrl('analysis'))
  const signals = catalogue.data?.signals ?? []
  const first = rates.data && (worst(rates.data, signals, 1)[0]?.name ?? rates.data.signals[0]?.name)
  const signal = signals.find((s) => s.name === (chosen || first))
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <h1>Signals</h1>
          <Coverage rates={rates.data} progress={progress.data} />
        </div>
      </div>
      <nav class="tabs" aria-label="Signals">
        {tabs.map(([name, title]) => <a key={name} href={hrefTo('/signals', view.value, { tab: name, signal: chosen })} aria-current={tab === name ? 'page' : undefined}>{title}</a>)}
      </nav>
      <div class="tab-body">
        {catalogue.error ? <Failure error={catalogue.error} retry={catalogue.reload} /> : !catalogue.data ? <Waiting />
          : tab === 'catalogue' ? <Catalogue catalogue={catalogue.data} />
            : tab === 'learning' ? <Learned />
              : rates.error ? <Failure error={rates.error} retry={rates.reload} />
                : !rates.data ? <Waiting />
                  : (
                    <div class={`signals ${rates.loading ? 'busy' : ''}`}>
                      <RateList rates={rates.data} signals={signals} chosen={signal?.name} />
                      {signal && <SignalDetail key={signal.name} signal={signal} changed={() => { catalogue.reload(); rates.reload(); progress.reload() }} />}
                    </div>
                  )}
      </div>
    </>
  )
}

function Coverage({ rates, progress }: { rates?: SignalRates; progress?: AnalysisProgress }) {
  const missing = rates ? rates.conversations - rates.of : 0
  return (
    <p class="small quiet num">
      {rates && rates.conversations > 0 && `${count(rates.of)} of ${count(rates.conversations)} conversations are analysed${missing > 0 ? '; rates are shares of those' : ''}.`}
      {progress?.running && progress.conversations > 0 && ` History is being analysed again: ${percent(progress.current / progress.conversations)} done.`}
      {progress !== undefined && progress.waiting > 0 && ` ${count(progress.waiting)} wait.`}
    </p>
  )
}
