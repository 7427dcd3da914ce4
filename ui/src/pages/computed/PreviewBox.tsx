import type { ComputedPreview } from '../../api/types'
import { Waiting } from '../../components/States'
import { count, percent } from '../../format/number'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { written } from '../people/traits'
import type { Preview } from './drafts'

/** What would come of a definition, before it is saved: how many, and some of them. */
export function PreviewBox({ preview, would, values }: { preview: Preview<ComputedPreview>; would: string; values: boolean }) {
  const { data, error, busy } = preview
  return (
    <section class={`preview-box ${data && busy ? 'busy' : ''}`} aria-label="Preview">
      <h2>Preview</h2>
      <div role="status" class="small">
        {error ? <p class="quiet">Not complete yet: {error.message}</p> : !data ? (busy ? <Waiting what="Computing" /> : <p class="quiet">It is shown as soon as there is enough to compute.</p>) : (
          <p class="num"><b class="big">{count(data.size)}</b> of {data.complete ? 'all ' : 'the '}{count(data.looked)} people{data.complete ? '' : ' seen last'} {would}{data.looked > 0 && ` (${percent(data.size / data.looked)})`}.</p>
        )}
      </div>
      {data && !error && data.sample.length > 0 && (
        <div class="table-wrap" tabIndex={0} role="region" aria-label="Some of them">
          <table class="table">
            <thead><tr><th scope="col">Person</th>{values && data.columns.map((c) => <th scope="col" key={c}>{c}</th>)}</tr></thead>
            <tbody>
              {data.sample.slice(0, 10).map((s) => (
                <tr key={s.person}>
                  <td><a href={hrefTo(`/people/${encodeURIComponent(s.person)}`, view.value)}>{s.person}</a></td>
                  {values && data.columns.map((c) => <td key={c} class="value">{s.values[c] === undefined ? <span class="quiet">–</span> : written(s.values[c])}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
