import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { ConversationCheck, ConversationChecks } from '../../api/types'
import { Failure, Waiting } from '../../components/States'
import { count, percent, plural } from '../../format/number'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { bounds } from '../../state/workspace'

const titles: Record<ConversationCheck['kind'], string> = {
  response_without_prompt: 'Answers without a question', unknown_message: 'Messages that are not there', gap: 'Gaps', message_count_mismatch: 'Wrong counts of messages',
}

/** What whole conversations lack: found when their calls are together, with or without a plan. */
export function Checks({ source }: { source: string | undefined }) {
  const { data, error, loading, reload } = useGet<ConversationChecks>(apiUrl('plans/checks', { ...bounds.value, source }))
  return (
    <section class={`checks ${loading ? 'busy' : ''}`}>
      <h2>Checks of conversations {data && <span class="quiet small">of {plural(data.conversations, 'conversation')} that began in this range</span>}</h2>
      {error ? <Failure error={error} retry={reload} /> : !data ? <Waiting /> : (
        <ul class="codes">{data.checks.map((c) => <Check key={c.kind} check={c} />)}</ul>
      )}
    </section>
  )
}

function Check({ check: c }: { check: ConversationCheck }) {
  const unit = c.unit === 'events' ? 'event' : 'conversation'
  return (
    <li>
      <div class="row"><b class="grow">{titles[c.kind]}</b><b class="num">{count(c.count)}</b><span class="quiet tiny num">of {plural(c.looked_at, unit)}{c.looked_at > 0 && `, ${percent(c.count / c.looked_at)}`}</span></div>
      <p class="small quiet">{c.description[0]?.toUpperCase()}{c.description.slice(1)}.</p>
      {c.reasons.length > 0 && c.count > 0 && <p class="small">{c.reasons.filter((r) => r.count > 0).map((r) => `${r.description}: ${count(r.count)}`).join(' · ')}</p>}
      {c.examples.length > 0 && <p class="small examples">Such as {c.examples.map((id) => <a key={id} href={hrefTo(`/conversations/${encodeURIComponent(id)}`, view.value)}>{id}</a>)}</p>}
    </li>
  )
}
