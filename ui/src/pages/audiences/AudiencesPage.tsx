import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Audience, AudienceList, AudienceTemplates, NewAudience } from '../../api/types'
import { Empty, Failure, Waiting } from '../../components/States'
import { count } from '../../format/number'
import { useKeys } from '../../shell/keys'
import { changeParams, navigate, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, sourceNames } from '../../state/workspace'
import { Status, useWatch } from '../computed/Status'
import { Templates } from '../computed/Templates'
import { ruleWords } from '../computed/words'
import { PeopleTabs } from '../people/PeopleTabs'
import { AudienceEditor, newAudience } from './AudienceEditor'

/** Sets of people by rule, each kept up to date. */
export function AudiencesPage() {
  const { data, error, reload } = useGet<AudienceList>(apiUrl('audiences'))
  const templates = useGet<AudienceTemplates>(apiUrl('audiences/templates'))
  const add = useAction()
  const writing = params.value.has('new')
  const begin = () => changeParams({ new: '1' })
  useWatch(data?.audiences.map((a) => a.status), reload)
  useKeys(mayEdit.value ? [{ key: 'n', does: 'Write an audience', run: (e) => { e.preventDefault(); begin() } }] : [])
  const create = (body: NewAudience) => void add.run(async () => {
    await ask(apiUrl('audiences'), { method: 'POST', body })
    reload()
  })
  const open = (a: Audience) => navigate(hrefTo(`/audiences/${a.key}`, view.value))
  return (
    <>
      <PeopleTabs title="Audiences" count={data?.audiences.length}>
        {mayEdit.value && !writing && <button type="button" class="button primary" title="N" onClick={begin}>New audience</button>}
      </PeopleTabs>
      {writing && mayEdit.value ? <AudienceEditor start={newAudience} exists={false} done={open} cancel={() => changeParams({ new: undefined, draft: undefined })} />
        : error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : (
          <>
            {add.error && <Failure error={add.error} />}
            {data.audiences.length === 0
              ? <Empty title="No audiences yet"><p>An audience is everybody for whom a rule holds, kept up to date: who was let down last week, who asks about prices and has not bought. Begin with one of these, or write your own.</p></Empty>
              : <Table audiences={data.audiences} />}
            <Templates of={(templates.data?.templates ?? []).map((t) => ({ template: t, words: ruleWords(t.rule, sourceNames.value) }))} taken={data.audiences} busy={add.busy} add={create} />
          </>
        )}
    </>
  )
}

function Table({ audiences }: { audiences: readonly Audience[] }) {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label="Audiences">
      <table class="table">
        <thead><tr><th scope="col" class="first">Audience</th><th scope="col" class="right">People</th><th scope="col">Status</th></tr></thead>
        <tbody>
          {audiences.map((a) => (
            <tr key={a.key}>
              <td class="first"><a href={hrefTo(`/audiences/${a.key}`, view.value)}>{a.name}</a><p class="small quiet">{ruleWords(a.rule, sourceNames.value)}</p></td>
              <td class="right">{count(a.status.people)}</td>
              <td><Status status={a.status} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
