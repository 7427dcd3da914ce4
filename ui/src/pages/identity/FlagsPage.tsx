import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import { useGet } from '../../api/resource'
import type { IdentityFlag, IdentityRulesStatus } from '../../api/types'
import { Snippet } from '../../components/Copy'
import { Empty, Failure, Waiting } from '../../components/States'
import { count } from '../../format/number'
import { dateTime } from '../../format/time'
import { fieldIs } from '../../state/filter'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, sourceNames, zone } from '../../state/workspace'
import { journeyHref } from '../journey/link'
import { PeopleTabs } from '../people/PeopleTabs'
import { Progress } from './Progress'
import { blocking, trusting } from './rules'
import { evidence, typeLabel } from './words'

const fix = `// Wrong: everybody is the same person.
analytics.identify('user_id')

// Right: the id of who is signed in; nothing before that.
if (user) analytics.identify(user.id)`

/** Ids that name nobody, and what to do about them. */
export function FlagsPage() {
  const flags = useGet<{ flags: readonly IdentityFlag[] }>(apiUrl('identity/flags', { limit: 200 }))
  const rules = useGet<IdentityRulesStatus>(apiUrl('identity/rules'))
  const suspects = flags.data?.flags.filter((f) => f.flag) ?? []
  const blocked = flags.data?.flags.filter((f) => !f.flag) ?? []
  const save = useAction()
  const put = (body: object) => void save.run(async () => {
    await ask(apiUrl('identity/rules'), { method: 'PUT', body })
    flags.reload()
    rules.reload()
  })
  return (
    <>
      <PeopleTabs title="Flagged ids" />
      {rules.data && (rules.data.waiting > 0 || rules.data.rows < rules.data.total) && <Progress rules={rules.data} reload={() => { rules.reload(); flags.reload() }} />}
      {save.error && <Failure error={save.error} />}
      {flags.error ? <Failure error={flags.error} retry={flags.reload} /> : !flags.data ? <Waiting /> : (
        <div class="identity">
          <section>
            <h2>These ids look hard-coded <span class="quiet num">{count(suspects.length)}</span></h2>
            {suspects.length === 0 ? <Empty title="None"><p>An id is flagged when too many others come with it on one day: a constant left in a program rather than a person. It would make one person of many, so it links nothing.</p></Empty> : (
              <>
                <p class="consequence">Many people came with the same id, so it is a constant in a program and not a person: <b>fix your client</b>. Until then it links nothing, so that figures of others stay right.</p>
                <ol class="todo small">
                  <li>Open the call: its source and page say which program sends it.</li>
                  <li>Send the id of who is signed in, and none before that: an anonymous id is made by the SDK.
                    <Snippet label="What to change" code={fix} />
                  </li>
                  <li>Block the id if it names nobody: its rows are then counted by their anonymous ids, for the past too. Trust it if it is somebody after all.</li>
                </ol>
                <Table flags={suspects} rules={rules.data} busy={save.busy} put={put} />
              </>
            )}
          </section>
          <section>
            <h2>Blocked values that came <span class="quiet num">{count(blocked.length)}</span></h2>
            <p class="small quiet consequence">Values such as <code>null</code> or <code>undefined</code> that the rules block: programs send them where an id is missing. Their rows are counted by the other id of the call.</p>
            {blocked.length > 0 && <Table flags={blocked} />}
          </section>
        </div>
      )}
    </>
  )
}

function Table({ flags, rules, busy, put }: { flags: readonly IdentityFlag[]; rules?: IdentityRulesStatus | undefined; busy?: boolean; put?: (body: object) => void }) {
  const acts = mayEdit.value && rules !== undefined && put !== undefined
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label="Ids">
      <table class="table">
        <thead><tr><th scope="col">Id</th><th scope="col">What was seen</th><th scope="col">First</th>{acts && <th scope="col"><span class="hidden">Actions</span></th>}</tr></thead>
        <tbody>
          {flags.map((f) => (
            <tr key={`${f.type} ${f.value}`}>
              <td class="nowrap"><span class="quiet">{typeLabel(f.type)}</span> <code>{f.value}</code></td>
              <td>{f.flag ? evidence(f.flag) : 'blocked by the rules'}. <a class="link" href={hrefTo('/conversations', { ...view.value, range: { preset: 'all' }, filters: [fieldIs(f.type === 'user_id' ? 'user_id' : 'anonymous_id', f.value)] })}>Conversations</a></td>
              <td class="num nowrap">{dateTime(f.first_at, zone.value)} by <a class="link" href={journeyHref(f.first_event, view.value)}>this call</a> of {sourceNames.value.get(f.first_source) ?? f.first_source}</td>
              {acts && (
                <td class="right">
                  <button type="button" class="button plain" disabled={busy} onClick={() => put(blocking(rules, f))}>Block<span class="hidden"> {f.value}</span></button>
                  <button type="button" class="button plain" disabled={busy} onClick={() => put(trusting(rules, f))}>Trust<span class="hidden"> {f.value}</span></button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
