import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { NewAudience, Trait, TraitValues } from '../../api/types'
import { Bars } from '../../charts/Bars'
import { Figure } from '../../charts/Figure'
import { Snippet } from '../../components/Copy'
import { Empty, Failure, Waiting } from '../../components/States'
import { count, plural } from '../../format/number'
import { changeParams, navigate, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, sourceNames } from '../../state/workspace'
import { newAudience } from '../audiences/AudienceEditor'
import { Manage } from '../computed/Manage'
import { Status, useWatch } from '../computed/Status'
import { traitWords } from '../computed/words'
import { written } from '../people/traits'
import { TraitEditor } from './TraitEditor'

/** One trait: what it is, how far it is computed, and the values that people have. */
export function TraitPage({ id }: { id: string }) {
  const url = apiUrl(`traits/${encodeURIComponent(id)}`)
  const { data, error, reload } = useGet<Trait>(url)
  const columns = data?.sql?.columns ?? []
  const column = columns.find((c) => c === params.value.get('column')) ?? columns[0]
  const values = useGet<TraitValues>(data ? apiUrl(`traits/${encodeURIComponent(id)}/values`, { column }) : null)
  const again = () => { reload(); values.reload() }
  useWatch(data && [data.status], again)
  const leave = () => changeParams({ edit: undefined, draft: undefined })
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <p class="crumbs"><a href={hrefTo('/traits', view.value)}>Traits</a></p>
          <h1 class="clip">{data?.name ?? id}</h1>
          {data && <><p class="sub">{traitWords(data, sourceNames.value)}{data.doc && ` · ${data.doc}`}</p><Status status={data.status} /></>}
        </div>
        {data && !params.value.has('edit') && <Manage url={url} name={data.name} enabled={data.enabled} what="trait" changed={again} deleted={() => navigate(hrefTo('/traits', view.value))} />}
      </div>
      {error?.status === 404 ? <Empty title="There is no such trait"><p>Nobody wrote one with the key <code>{id}</code>, or it was deleted.</p></Empty>
        : error ? <Failure error={error} retry={reload} /> : !data ? <Waiting />
          : params.value.has('edit') && mayEdit.value ? <TraitEditor start={bodyOf(data)} exists done={() => { leave(); again() }} cancel={leave} /> : (
            <div class="identity">
              {columns.length > 1 && (
                <div class="segments" role="group" aria-label="Which column">
                  {columns.map((c) => <button type="button" key={c} aria-pressed={c === column} onClick={() => changeParams({ column: c })}>{c}</button>)}
                </div>
              )}
              {values.error ? <Failure error={values.error} retry={values.reload} /> : !values.data ? <Waiting /> : <Values trait={column ?? id} values={values.data} />}
              {values.data && values.data.people > 0 && <p class="small"><a class="link" download href={apiUrl(`traits/${encodeURIComponent(id)}/people`, { column })}>Everybody with a value as CSV</a></p>}
              {data.sql && <Snippet label="The statement" code={data.sql.statement} />}
            </div>
          )}
    </>
  )
}

const bodyOf = ({ key, name, doc, enabled, emit, destinations, definition, sql }: Trait) => ({ key, name, doc, enabled, emit, destinations, ...(definition ? { definition } : {}), ...(sql ? { sql } : {}) })

/** The people with a value, as an audience to look at and to save. */
function withValue(trait: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const draft: NewAudience = { ...newAudience, rule: { all: [{ trait: { key: trait, op: 'equals', values: [text] } }] } }
  return hrefTo('/audiences', view.value, { new: '1', draft: JSON.stringify(draft) })
}

/** The values that most people have; each opens who they are. */
function Values({ trait, values: v }: { trait: string; values: TraitValues }) {
  const rows = v.values.map((x) => ({ label: written(x.value), people: x.people, href: withValue(trait, x.value) }))
  return (
    <Figure
      title="Values"
      sub={<>{plural(v.people, 'person has one', 'people have one')}, {count(v.different)} different{v.numbers && `; from ${written(v.numbers.min)} to ${written(v.numbers.max)}, ${written(v.numbers.mean)} on average`}</>}
      table={{ head: ['Value', 'People'], rows: rows.map((r) => ({ cells: [r.label, r.people], href: r.href })) }}
    >
      {rows.length === 0 ? <p class="quiet small">Nobody has a value yet.</p> : <Bars bars={rows.map((r) => ({ label: r.label, value: r.people, text: count(r.people), share: v.people > 0 ? r.people / v.people : 0, href: r.href }))} />}
    </Figure>
  )
}
