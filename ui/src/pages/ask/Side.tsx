import type { Resource } from '../../api/resource'
import type { SavedQuery, SavedQueryList, SQLSchema } from '../../api/types'
import { Failure, Waiting } from '../../components/States'

/** Saved queries, and what statements can read. */
export function Side(props: { schema: Resource<SQLSchema>; queries: Resource<SavedQueryList>; chosen: string | undefined; open: (query: SavedQuery) => void; insert: (text: string) => void }) {
  const { schema, queries } = props
  return (
    <aside class="side" aria-label="Saved queries and tables">
      <section>
        <h2>Saved queries</h2>
        {queries.error && <Failure error={queries.error} retry={queries.reload} />}
        {queries.data?.queries.length === 0 && <p class="quiet small">None yet. Save a statement to find it here.</p>}
        <ul class="saved-queries">
          {queries.data?.queries.map((q) => (
            <li key={q.id}><button type="button" class="button plain" aria-pressed={q.id === props.chosen} onClick={() => props.open(q)}>{q.name}</button></li>
          ))}
        </ul>
      </section>
      <section>
        <h2>Tables</h2>
        {schema.error ? <Failure error={schema.error} retry={schema.reload} /> : !schema.data && <Waiting />}
        {schema.data?.views.map((v, i) => (
          <details key={v.name} open={i === 0} class="schema">
            <summary><code>{v.name}</code></summary>
            <p class="small quiet">{v.description}</p>
            <ul>
              {v.columns.map((c) => (
                <li key={c.name}>
                  <button type="button" class="linkish" title={`Insert ${c.name}`} onClick={() => props.insert(c.name)}><code>{c.name}</code></button>{' '}
                  <span class="quiet small">{c.type.toLowerCase()}{c.description && ` · ${c.description}`}</span>
                </li>
              ))}
            </ul>
          </details>
        ))}
        {schema.data && <p class="small quiet">Times are UTC. At most {schema.data.max_rows.toLocaleString('en')} rows and {schema.data.seconds} seconds. Read only.</p>}
      </section>
    </aside>
  )
}
