import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { AudienceList, PersonProfile, TraitList } from '../../api/types'
import { dateTime } from '../../format/time'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { zone } from '../../state/workspace'
import { written } from './traits'

/** What is computed of a person: the audiences that they are in, and traits with when they were computed. */
export function Computed({ profile }: { profile: PersonProfile }) {
  const traits = useGet<TraitList>(apiUrl('traits')).data?.traits ?? []
  const audiences = useGet<AudienceList>(apiUrl('audiences')).data?.audiences ?? []
  const titleOf = (key: string) => audiences.find((a) => a.key === key)?.name ?? key
  const keyOf = (source: string) => traits.find((t) => t.id === source)?.key
  return (
    <>
      <section>
        <h2>Audiences</h2>
        {profile.audiences.length === 0 ? <p class="quiet small">None. <a href={hrefTo('/audiences', view.value)}>Audiences</a> are people for whom a rule holds.</p> : (
          <p class="row">{profile.audiences.map((a) => <a key={a.name} class="chip link" href={hrefTo(`/audiences/${a.name}`, view.value)} title={`since ${dateTime(a.at, zone.value)}`}>{titleOf(a.name)}</a>)}</p>
        )}
      </section>
      <section>
        <h2>Traits computed</h2>
        {profile.computed.length === 0 ? <p class="quiet small">None. <a href={hrefTo('/traits', view.value)}>Traits</a> can be computed of what people did.</p> : (
          <div class="table-wrap">
            <table class="table">
              <thead><tr><th scope="col">Trait</th><th scope="col">Value</th><th scope="col">Since</th></tr></thead>
              <tbody>
                {profile.computed.map((t) => {
                  const key = keyOf(t.source)
                  return (
                    <tr key={t.name}>
                      <th scope="row">{key ? <a class="link" href={hrefTo(`/traits/${key}`, view.value)}>{t.name}</a> : t.name}</th>
                      <td class="value">{written(t.value)}</td>
                      <td class="num nowrap">{dateTime(t.at, zone.value)}</td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </>
  )
}
