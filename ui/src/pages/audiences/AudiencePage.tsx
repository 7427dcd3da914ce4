import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Audience, AudienceMembers } from '../../api/types'
import { Empty, Failure, Waiting } from '../../components/States'
import { count } from '../../format/number'
import { dateTime } from '../../format/time'
import { changeParams, navigate, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, sourceNames, zone } from '../../state/workspace'
import { Pager } from '../accounts/AccountsPage'
import { Manage } from '../computed/Manage'
import { Status, useWatch } from '../computed/Status'
import { ruleWords } from '../computed/words'
import { PersonLink } from '../people/PersonLink'
import { AudienceEditor } from './AudienceEditor'
import { keysOf } from './rule'

/** One audience: its rule in words, how far it is, and who is in it. */
export function AudiencePage({ id }: { id: string }) {
  const url = apiUrl(`audiences/${encodeURIComponent(id)}`)
  const { data, error, reload } = useGet<Audience>(url)
  const members = useGet<AudienceMembers>(apiUrl(`audiences/${encodeURIComponent(id)}/members`, { after: params.value.get('after') ?? undefined }))
  const again = () => { reload(); members.reload() }
  useWatch(data && [data.status], again)
  const leave = () => changeParams({ edit: undefined, draft: undefined })
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <p class="crumbs"><a href={hrefTo('/audiences', view.value)}>Audiences</a></p>
          <h1 class="clip">{data?.name ?? id}</h1>
          {data && <><p class="sub">{data.doc || ruleWords(data.rule, sourceNames.value)}</p><Status status={data.status} /></>}
        </div>
        {data && !params.value.has('edit') && <Manage url={url} name={data.name} enabled={data.enabled} what="audience" changed={again} deleted={() => navigate(hrefTo('/audiences', view.value))} />}
      </div>
      {error?.status === 404 ? <Empty title="There is no such audience"><p>Nobody wrote one with the key <code>{id}</code>, or it was deleted.</p></Empty>
        : error ? <Failure error={error} retry={reload} /> : !data ? <Waiting />
          : params.value.has('edit') && mayEdit.value ? <AudienceEditor start={{ key: data.key, name: data.name, doc: data.doc, enabled: data.enabled, emit: data.emit, destinations: data.destinations, rule: data.rule }} exists done={() => { leave(); again() }} cancel={leave} />
            : members.error ? <Failure error={members.error} retry={members.reload} /> : !members.data ? <Waiting /> : (
              <section class="identity">
                <div>
                  <h2>Members <span class="quiet num">{count(members.data.total)}</span></h2>
                  {data.doc && <p class="small quiet">{ruleWords(data.rule, sourceNames.value)}</p>}
                  {members.data.total > 0 && (
                    <p class="small">
                      <a class="link" href={hrefTo('/people', view.value, { audience: data.key })}>What they did, in the list of people</a> · <a class="link" download href={apiUrl(`audiences/${encodeURIComponent(id)}/members`, { format: 'csv', traits: keysOf(data.rule).join(',') })}>All of them as CSV</a>
                    </p>
                  )}
                </div>
                {members.data.members.length === 0 ? <p class="quiet small">{data.status.state === 'Live' ? 'Nobody at the moment. The rule is looked at again whenever something comes in.' : 'Nobody yet.'}</p> : (
                  <div class="table-wrap">
                    <table class="table">
                      <thead><tr><th scope="col">Person</th><th scope="col">Since</th></tr></thead>
                      <tbody>{members.data.members.map((m) => <tr key={m.person}><td><PersonLink id={m.person} name={m.name} /></td><td class="num nowrap">{dateTime(m.since, zone.value)}</td></tr>)}</tbody>
                    </table>
                  </div>
                )}
                <Pager next={members.data.next} />
              </section>
            )}
    </>
  )
}
