import type { Signals } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { dimensions, groups, rule, tone, weight } from './words'

/** Every signal by its rule, and the rules that decide how a conversation ended. */
export function Catalogue({ catalogue }: { catalogue: Signals }) {
  return (
    <div class="main-column">
      <Figure title="Outcomes" sub="the first rule that holds decides; a conversation that converted is converted" table={{ head: ['Rule', 'Outcome', 'When'], rows: catalogue.outcomes.map((o) => ({ cells: [o.rule, o.outcome, o.text] })) }}>
        <ol class="outcomes">{catalogue.outcomes.map((o) => <li key={o.rule}><b>{o.outcome}</b> <span>{o.text}</span></li>)}</ol>
      </Figure>
      <Figure title="Catalogue" sub="in the order in which signals are found" table={{
        head: ['Signal', 'Title', 'From', 'Dimension', 'Weight', 'Rule'],
        rows: catalogue.signals.map((s) => ({ cells: [s.name, s.title, groups[s.group] ?? s.group, s.dimension, s.weight, rule(s)] })),
      }}>
        <ul class="catalogue">
          {catalogue.signals.map((s) => (
            <li key={s.name}>
              <a class="link strong" href={hrefTo('/signals', view.value, { signal: s.name })}>{s.title}</a>
              <span class="tiny quiet">{groups[s.group]} · {dimensions[s.dimension]} · <span class={`weight num ${tone(s.weight)}`}>{s.weights || weight(s.weight)}</span>{s.off && ' · off'}{s.changed && ' · changed'}</span>
              <span class="small">{rule(s)}</span>
            </li>
          ))}
        </ul>
      </Figure>
    </div>
  )
}
