import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Account } from '../../api/types'
import { Snippet } from '../../components/Copy'
import { Icon } from '../../components/Icon'
import { Empty, Failure, Waiting } from '../../components/States'
import { count } from '../../format/number'
import { dateTime } from '../../format/time'
import { changeParams, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { sources, sourceNames, zone } from '../../state/workspace'
import { journeyHref } from '../journey/link'
import { PeopleTabs } from '../people/PeopleTabs'
import { groupCall } from './call'

interface AccountList {
  accounts: readonly Account[]
  next: string | null
}

/** Which companies and teams people belong to. */
export function AccountsPage() {
  const { data, error, loading, reload } = useGet<AccountList>(apiUrl('accounts', { after: params.value.get('after') ?? undefined }))
  return (
    <>
      <PeopleTabs title="Accounts" />
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : data.accounts.length === 0
        ? (
          <Empty title="No accounts yet">
            <p>An account is a company or a team. It appears, with its members, when a call says <code>groupId</code>: one <code>group</code> call for each person after sign-in is enough.</p>
            <Snippet label="A group call" code={groupCall(location.origin, sources.value[0]?.write_keys[0] ?? 'WRITE_KEY')} />
          </Empty>
        )
        : (
          <div class={loading ? 'busy' : ''}>
            <div class="table-wrap">
              <table class="table">
                <thead><tr><th scope="col">Account</th><th scope="col" class="right">People</th><th scope="col">First seen</th><th scope="col">By</th></tr></thead>
                <tbody>
                  {data.accounts.map((a) => (
                    <tr key={a.id}>
                      <td><a href={hrefTo(`/accounts/${encodeURIComponent(a.id)}`, view.value)}>{a.id}</a></td>
                      <td class="right">{count(a.members)}</td>
                      <td class="num nowrap">{dateTime(a.first_at, zone.value)}</td>
                      <td><a class="link" href={journeyHref(a.first_event, view.value)}>a call</a> of {sourceNames.value.get(a.first_source) ?? a.first_source}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <Pager next={data.next} />
          </div>
        )}
    </>
  )
}

/** On to the next page of a list that only goes forward. */
export function Pager({ next }: { next: string | null }) {
  const after = params.value.get('after')
  if (!next && !after) return null
  return (
    <nav class="pager num" aria-label="Pages of the list">
      {after && <button type="button" class="button" onClick={() => changeParams({ after: undefined })}>First page</button>}
      {next && <button type="button" class="button" onClick={() => changeParams({ after: next })}>Next<Icon name="right" /></button>}
    </nav>
  )
}
