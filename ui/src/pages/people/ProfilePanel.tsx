import type { Person, PersonProfile } from '../../api/types'
import { Waiting } from '../../components/States'
import { count, plural, score } from '../../format/number'
import { dateTime } from '../../format/time'
import { fieldIs } from '../../state/filter'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { zone } from '../../state/workspace'
import { typeLabel } from '../identity/words'
import { Computed } from './Computed'
import { TraitList } from './TraitList'

/** What a person said, and what is known of them. */
export function ProfilePanel({ person, profile }: { person: Person; profile: PersonProfile | undefined }) {
  return (
    <div class="reading">
      <section>
        <h2>Conversations <span class="quiet num">{count(person.conversations_total)}</span></h2>
        {person.conversations.length === 0 ? <p class="quiet small">None yet.</p> : <Conversations person={person} />}
        {person.conversations_total > person.conversations.length && (
          <p class="small more"><a class="link" href={hrefTo('/conversations', { range: { preset: 'all' }, compare: false, search: '', filters: [fieldIs('person', person.id)] })}>All {plural(person.conversations_total, 'conversation')}</a></p>
        )}
      </section>
      <div class="side">
        <section>
          <h2>Who</h2>
          <dl class="facts num">
            <dt>First seen</dt><dd>{dateTime(person.first_seen_at, zone.value)}</dd>
            <dt>Last seen</dt><dd>{dateTime(person.last_seen_at, zone.value)}</dd>
            <dt>User ids</dt><dd class="mono">{person.user_ids.join(', ') || '–'}</dd>
            <dt>Anonymous ids</dt><dd class="mono">{person.anonymous_ids.join(', ') || '–'}</dd>
            {profile?.external_ids.filter((i) => i.type !== 'user_id' && i.type !== 'anonymous_id').map((i) => <><dt key={`${i.type} ${i.value}`}>{typeLabel(i.type)}</dt><dd class="mono">{i.value}</dd></>)}
            {profile && profile.accounts.length > 0 && <><dt>Accounts</dt><dd>{profile.accounts.map((a, i) => <span key={a.id}>{i > 0 && ', '}<a href={hrefTo(`/accounts/${encodeURIComponent(a.id)}`, view.value)}>{a.id}</a></span>)}</dd></>}
          </dl>
        </section>
        {profile && <Computed profile={profile} />}
        <section>
          <h2>Traits sent</h2>
          {!profile ? <Waiting /> : profile.traits.length === 0 ? <p class="quiet small">None. Traits come from identify calls.</p> : <TraitList traits={profile.traits} />}
        </section>
      </div>
    </div>
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
              <td class="num nowrap">{dateTime(c.at, zone.value)}</td>
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
