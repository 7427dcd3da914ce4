import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import { useGet } from '../../api/resource'
import type { NewTrait, Trait, TraitList, TraitTemplates } from '../../api/types'
import { Empty, Failure, Waiting } from '../../components/States'
import { count } from '../../format/number'
import { useKeys } from '../../shell/keys'
import { changeParams, navigate, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, sourceNames } from '../../state/workspace'
import { Status, useWatch } from '../computed/Status'
import { Templates } from '../computed/Templates'
import { traitWords } from '../computed/words'
import { PeopleTabs } from '../people/PeopleTabs'
import { newTrait, TraitEditor } from './TraitEditor'

/** What is computed of people from what they did. */
export function TraitsPage() {
  const { data, error, reload } = useGet<TraitList>(apiUrl('traits'))
  const templates = useGet<TraitTemplates>(apiUrl('traits/templates'))
  const add = useAction()
  const writing = params.value.has('new')
  const begin = () => changeParams({ new: '1' })
  useWatch(data?.traits.map((t) => t.status), reload)
  useKeys(mayEdit.value ? [{ key: 'n', does: 'Write a trait', run: (e) => { e.preventDefault(); begin() } }] : [])
  const create = (body: NewTrait) => void add.run(async () => {
    await ask(apiUrl('traits'), { method: 'POST', body })
    reload()
  })
  const open = (t: Trait) => navigate(hrefTo(`/traits/${t.key}`, view.value))
  return (
    <>
      <PeopleTabs title="Traits" count={data?.traits.length}>
        {mayEdit.value && !writing && <button type="button" class="button primary" title="N" onClick={begin}>New trait</button>}
      </PeopleTabs>
      {writing && mayEdit.value ? <TraitEditor start={newTrait} exists={false} done={open} cancel={() => changeParams({ new: undefined, draft: undefined })} />
        : error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : (
          <>
            {add.error && <Failure error={add.error} />}
            {data.traits.length === 0
              ? <Empty title="No computed traits yet"><p>A trait is something known of a person that follows from what they did: how many conversations, the last topic, the stocks asked about. It is kept up to date, and your copilot can read it before it answers. Traits that you send yourself with <code>identify</code> calls are on each person’s page.</p></Empty>
              : <Table traits={data.traits} />}
            <Templates of={(templates.data?.templates ?? []).map((t) => ({ template: t, words: traitWords(t, sourceNames.value) }))} taken={data.traits} busy={add.busy} add={create} />
          </>
        )}
    </>
  )
}

function Table({ traits }: { traits: readonly Trait[] }) {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label="Traits">
      <table class="table">
        <thead><tr><th scope="col" class="first">Trait</th><th scope="col" class="right">People</th><th scope="col">Status</th></tr></thead>
        <tbody>
          {traits.map((t) => (
            <tr key={t.key}>
              <td class="first"><a href={hrefTo(`/traits/${t.key}`, view.value)}>{t.name}</a><p class="small quiet">{traitWords(t, sourceNames.value)}</p></td>
              <td class="right">{count(t.status.people)}</td>
              <td><Status status={t.status} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
