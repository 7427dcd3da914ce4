import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Person } from '../../api/types'
import { Empty, Failure, Waiting } from '../../components/States'
import { count, plural, score } from '../../format/number'
import { dateTime } from '../../format/time'
import { fieldIs } from '../../state/filter'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { zone } from '../../state/workspace'
import { EventList } from '../conversation/EventList'
import { flatten } from './traits'

/** One person: who it is, what was said, what was done. */
export function PersonPage({ id }: { id: string }) {
  const { data, error, reload } = useGet<Person>(apiUrl(`people/${encodeURIComponent(id)}`))
  const name = typeof data?.traits.name === 'string' ? data.traits.name : id
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <p class="crumbs"><a href={hrefTo('/people', view.value)}>People</a></p>
          <h1 class="clip">{name}</h1>
        </div>
      </div>
      {error?.status === 404 ? <Empty title="Nobody is known by this id"><p>No event carries the user id or anonymous id <code>{id}</code>.</p></Empty>
        : error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : (
          <div class="reading">
            <section>
              <h2>Conversations <span class="quiet num">{count(data.conversations_total)}</span></h2>
              {data.conversations.length === 0 ? <p class="quiet small">None yet.</p> : <Conversations person={data} />}
              {data.conversations_total > data.conversations.length && (
                <p class="small more"><a class="link" href={hrefTo('/conversations', { range: { preset: 'all' }, compare: false, search: '', filters: [fieldIs('person', data.id)] })}>All {plural(data.conversations_total, 'conversation')}</a></p>
              )}
            </section>
            <div class="side">
              <section>
                <h2>Who</h2>
                <dl class="facts num">
                  <dt>First seen</dt><dd>{dateTime(data.first_seen_at, zone.value)}</dd>
                  <dt>Last seen</dt><dd>{dateTime(data.last_seen_at, zone.value)}</dd>
                  <dt>User ids</dt><dd class="mono">{data.user_ids.join(', ') || '–'}</dd>
                  <dt>Anonymous ids</dt><dd class="mono">{data.anonymous_ids.join(', ') || '–'}</dd>
                </dl>
              </section>
              <section>
                <h2>Traits</h2>
                {flatten(data.traits).length === 0 ? <p class="quiet small">None. Traits come from identify calls.</p> : (
                  <dl class="facts">{flatten(data.traits).map(([key, value]) => <><dt key={key}>{key}</dt><dd>{value}</dd></>)}</dl>
                )}
              </section>
              <section>
                <h2>Latest events</h2>
                <EventList events={data.events} />
              </section>
            </div>
          </div>
        )}
    </>
  )
}

function Conversations({ person }: { person: Person }) {
  return (
    <div class="table-wrap">
      <table class="table">
        <thead><tr><th scope="col">First message</th><th scope="col">Began</th><th scope="col" class="right">Messages</th><th scope="col" class="right">Score</th><th scope="col">Converted</th></tr></thead>
        <tbody>
          {person.conversations.map((c) => (
            <tr key={c.conversation_id}>
              <td class="first"><a dir="auto" href={hrefTo(`/conversations/${encodeURIComponent(c.conversation_id)}`, view.value)}>{c.title || c.preview || 'No message text'}</a></td>
              <td class="num">{dateTime(c.at, zone.value)}</td>
              <td class="right">{count(c.messages)}</td>
              <td class="right">{score(c.score)}</td>
              <td>{c.converted ? 'yes' : <span class="quiet">no</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
