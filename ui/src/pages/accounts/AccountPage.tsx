import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { AccountDetail } from '../../api/types'
import { Empty, Failure, Waiting } from '../../components/States'
import { plural } from '../../format/number'
import { dateTime } from '../../format/time'
import { fieldIs } from '../../state/filter'
import { params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { zone } from '../../state/workspace'
import { PersonLink } from '../people/PersonLink'
import { TraitList } from '../people/TraitList'
import { Pager } from './AccountsPage'

/** One account: what it is said to be, and who belongs to it. */
export function AccountPage({ id }: { id: string }) {
  const { data, error, reload } = useGet<AccountDetail>(apiUrl(`accounts/${encodeURIComponent(id)}`, { after: params.value.get('after') ?? undefined }))
  const name = data?.traits.find((t) => t.name === 'name')?.value
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <p class="crumbs"><a href={hrefTo('/accounts', view.value)}>Accounts</a></p>
          <h1 class="clip">{typeof name === 'string' ? name : id}</h1>
          {data && <p class="sub num"><code>{id}</code> · {plural(data.members, 'person', 'people')} · since {dateTime(data.first_at, zone.value)} · <a href={hrefTo('/conversations', { ...view.value, filters: [fieldIs('group_id', id)] })}>conversations</a></p>}
        </div>
      </div>
      {error?.status === 404 ? <Empty title="No account is known by this id"><p>No call carries the group id <code>{id}</code>.</p></Empty>
        : error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : (
          <div class="reading">
            <section>
              <h2>People</h2>
              {data.people.length === 0 ? <p class="quiet small">Nobody yet.</p> : (
                <ul class="plain-list">{data.people.map((p) => <li key={p}><PersonLink id={p} name={data.names[p]} /></li>)}</ul>
              )}
              <Pager next={data.next} />
            </section>
            <div class="side">
              <section>
                <h2>Traits</h2>
                {data.traits.length === 0 ? <p class="quiet small">None. Traits of accounts come from group calls.</p> : <TraitList traits={data.traits} />}
              </section>
            </div>
          </div>
        )}
    </>
  )
}
