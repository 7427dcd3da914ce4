import { mayEdit } from '../../state/workspace'
import { changeParams } from '../../state/location'

interface Template {
  key: string
  name: string
  doc?: string
}

/** Definitions that are useful as they are: one click adds one, another changes it first. */
export function Templates<T extends Template>({ of, taken, busy, add }: { of: readonly { template: T; words: string }[]; taken: readonly { key: string }[]; busy: boolean; add: (t: T) => void }) {
  const left = of.filter(({ template }) => !taken.some((t) => t.key === template.key))
  if (left.length === 0 || !mayEdit.value) return null
  return (
    <section class="band">
      <h2>Ready to add</h2>
      <ul class="templates">
        {left.map(({ template, words }) => (
          <li key={template.key}>
            <div>
              <b>{template.name}</b>
              <p class="small quiet">{template.doc || words}</p>
            </div>
            <div class="row">
              <button type="button" class="button" disabled={busy} onClick={() => add(template)}>Add<span class="hidden"> {template.name}</span></button>
              <button type="button" class="button plain" onClick={() => changeParams({ new: '1', draft: JSON.stringify(template) })}>Change first<span class="hidden">: {template.name}</span></button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
