import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { AudienceList, PeopleList } from '../../api/types'
import { Icon } from '../../components/Icon'
import { Empty, Failure, Waiting } from '../../components/States'
import { count } from '../../format/number'
import { dateTime } from '../../format/time'
import { changeParams, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { question, zone } from '../../state/workspace'
import { FindPerson } from './FindPerson'
import { PeopleTabs } from './PeopleTabs'
import { PersonLink } from './PersonLink'

const sorts = [
  ['last_seen_at', 'Last seen'], ['first_seen_at', 'First seen'], ['conversations', 'Conversations'],
  ['messages', 'Messages'], ['sessions', 'Sessions'], ['feedback', 'Feedback'], ['events', 'Events'],
] as const

const pageSize = 50

/** Who uses the copilot: people with something in the range, with counts. */
export function PeoplePage() {
  const sort = sorts.find(([name]) => name === params.value.get('sort'))?.[0] ?? 'last_seen_at'
  const page = Math.max(1, Number(params.value.get('page')) || 1)
  const audience = params.value.get('audience') ?? ''
  const { data, error, loading, reload } = useGet<PeopleList>(apiUrl('people', { ...question.value, audience: audience || undefined, sort, limit: pageSize, after: params.value.get('after') ?? undefined }))
  return (
    <>
      <PeopleTabs title="People" count={data?.total} />
      <FindPerson />
      <ByAudience chosen={audience} />
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : data.people.length === 0
        ? <Empty title={audience ? 'Nobody of this audience in this range' : 'Nobody in this range'}><p>{audience ? 'The list shows members who did something in the range; the page of the audience shows all. ' : ''}People appear with their first event. Send a <code>userId</code>, or an <code>anonymousId</code> for those who are not signed in.</p></Empty>
        : (
          <div class={loading ? 'busy' : ''}>
            <div class="table-wrap">
              <table class="table">
                <thead>
                  <tr>
                    <th scope="col">Person</th>
                    {sorts.map(([name, title]) => (
                      <th key={name} scope="col" class="right" aria-sort={name === sort ? 'descending' : undefined}>
                        <button type="button" onClick={() => changeParams({ sort: name, after: undefined, page: undefined })}>{title}{name === sort && ' ↓'}</button>
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {data.people.map((p) => (
                    <tr key={p.id}>
                      <td class="person-id"><PersonLink id={p.id} name={p.name} /></td>
                      <td class="right">{dateTime(p.last_seen_at, zone.value)}</td>
                      <td class="right">{dateTime(p.first_seen_at, zone.value)}</td>
                      <td class="right">{count(p.conversations)}</td>
                      <td class="right">{count(p.messages)}</td>
                      <td class="right">{count(p.sessions)}</td>
                      <td class="right">{count(p.feedback)}</td>
                      <td class="right">{count(p.events)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <nav class="pager num" aria-label="Pages of the list">
              <span class="quiet">{count((page - 1) * pageSize + 1)}–{count((page - 1) * pageSize + data.people.length)} of {count(data.total)}</span>
              {page > 1 && <button type="button" class="button" onClick={() => changeParams({ after: undefined, page: undefined })}>First page</button>}
              {data.next && <button type="button" class="button" onClick={() => changeParams({ after: data.next ?? undefined, page: String(page + 1) })}>Next {pageSize}<Icon name="right" /></button>}
            </nav>
          </div>
        )}
    </>
  )
}

/** Narrows the list to the members of an audience; nothing where there is none. */
function ByAudience({ chosen }: { chosen: string }) {
  const { data } = useGet<AudienceList>(apiUrl('audiences'))
  if (!data || (data.audiences.length === 0 && !chosen)) return null
  const unknown = chosen !== '' && !data.audiences.some((a) => a.key === chosen)
  return (
    <div class="row by-audience small">
      <label>In the audience <select class="control" value={chosen} onChange={(e) => changeParams({ audience: e.currentTarget.value || undefined, after: undefined, page: undefined })}>
        <option value="">any or none</option>
        {unknown && <option value={chosen}>{chosen}</option>}
        {data.audiences.map((a) => <option key={a.key} value={a.key}>{a.name}</option>)}
      </select></label>
      {chosen && !unknown && <a class="link" href={hrefTo(`/audiences/${encodeURIComponent(chosen)}`, view.value)}>Its rule and all its members</a>}
    </div>
  )
}
