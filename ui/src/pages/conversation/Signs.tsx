import type { AnalysisExplained, AnalysisSignal, Signals } from '../../api/types'
import { tone, weight } from '../signals/words'

/** The signals of a conversation by the event that shows them, and what they are called. */
export interface Signed {
  at: ReadonlyMap<string, readonly AnalysisSignal[]>
  title: (name: string) => string
}

export function signedBy(explained: AnalysisExplained | undefined, catalogue: Signals | undefined): Signed {
  const at = new Map<string, AnalysisSignal[]>()
  for (const s of explained?.analysis.signals ?? []) {
    const event = s.event_id ?? ''
    at.set(event, [...(at.get(event) ?? []), s])
  }
  const titles = new Map(catalogue?.signals.map((s) => [s.name, s.title]))
  return { at, title: (name) => titles.get(name) ?? name.replaceAll('_', ' ') }
}

/** What an event shows of how well it goes, with the reason, below it. */
export function Signs({ event, signed }: { event: string; signed: Signed | undefined }) {
  const found = signed?.at.get(event) ?? []
  if (!signed || found.length === 0) return null
  return (
    <ul class="signs" aria-label="Signals">
      {found.map((s) => <li key={s.name + s.reason}><b>{signed.title(s.name)}</b> <span class={`weight num ${tone(s.weight)}`}>{weight(s.weight)}</span> <span class="quiet">{s.reason}</span></li>)}
    </ul>
  )
}
