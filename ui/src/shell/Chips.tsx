import { phrase, sameFilter } from '../state/filter'
import { partPhrase } from '../state/funnel'
import { changeView, view } from '../state/location'
import { sourceNames } from '../state/workspace'
import { Icon } from '../components/Icon'

/** The conditions that hold on this page, each to be removed. */
export function Chips() {
  const { filters, search, funnel } = view.value
  if (filters.length === 0 && search === '' && !funnel) return null
  return (
    <div class="chips" role="group" aria-label="Filters">
      {funnel && <Chip {...partPhrase(funnel)} remove={() => changeView({ funnel: undefined })} />}
      {search && <Chip field="Text" word="contains" value={`“${search}”`} remove={() => changeView({ search: '' })} />}
      {filters.map((f) => (
        <Chip key={JSON.stringify(f)} {...phrase(f, sourceNames.value)}
          remove={() => changeView({ filters: filters.filter((other) => !sameFilter(other, f)) })} />
      ))}
      <button type="button" class="button plain" onClick={() => changeView({ filters: [], search: '', funnel: undefined })}>Clear</button>
    </div>
  )
}

function Chip(props: { field: string; word: string; value: string; remove: () => void }) {
  const text = `${props.field} ${props.word} ${props.value}`
  return (
    <span class="chip">
      <span class="chip-text" title={text}><span>{props.field}</span><span>{props.word}</span>{props.value && <b class="clip">{props.value}</b>}</span>
      <button type="button" aria-label={`Remove filter: ${text}`} onClick={props.remove}><Icon name="close" /></button>
    </span>
  )
}
