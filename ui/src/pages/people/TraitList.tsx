import type { PersonTrait } from '../../api/types'
import { dateTime } from '../../format/time'
import { view } from '../../state/location'
import { sourceNames, zone } from '../../state/workspace'
import { journeyHref } from '../journey/link'
import { written } from './traits'

/** A trait as it was sent; of accounts with the call that said it last. */
type Said = Pick<PersonTrait, 'name' | 'value' | 'at' | 'source'> & { event?: string }

/** Traits, each with when it was last said, and by whom. */
export function TraitList({ traits }: { traits: readonly Said[] }) {
  return (
    <div class="table-wrap">
      <table class="table">
        <thead><tr><th scope="col">Trait</th><th scope="col">Value</th><th scope="col">Last said</th></tr></thead>
        <tbody>
          {traits.map((t) => (
            <tr key={t.name}>
              <th scope="row">{t.name}</th>
              <td class="value">{written(t.value)}</td>
              <td class="num nowrap">{t.event ? <a class="link" href={journeyHref(t.event, view.value)}>{dateTime(t.at, zone.value)}</a> : dateTime(t.at, zone.value)} <span class="quiet">{sourceNames.value.get(t.source) ?? t.source}</span></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
