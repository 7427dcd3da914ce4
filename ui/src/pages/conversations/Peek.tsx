import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Transcript } from '../../api/types'
import { Icon } from '../../components/Icon'
import { Failure, Waiting } from '../../components/States'
import { dateTime } from '../../format/time'
import { zone } from '../../state/workspace'
import { TranscriptView } from '../conversation/TranscriptView'

/** The transcript of the chosen conversation beside the list. */
export function Peek({ id, href, onClose }: { id: string; href: string; onClose: () => void }) {
  const { data, error, loading, reload } = useGet<Transcript>(apiUrl(`conversations/${encodeURIComponent(id)}`))
  const current = data?.conversation.conversation_id === id ? data : undefined
  return (
    <aside class="peek" aria-label="Conversation">
      <header class="row">
        <div class="grow">
          <strong class="clip">{current?.conversation.person ?? 'Conversation'}</strong>
          <span class="tiny quiet num">{current && dateTime(current.conversation.at, zone.value)}</span>
        </div>
        <a class="button" href={href}>Open <kbd>↵</kbd></a>
        <button type="button" class="button plain square" aria-label="Close" onClick={onClose}><Icon name="close" /></button>
      </header>
      <div class="peek-body" tabIndex={0} role="region" aria-label="Transcript">
        {error ? <Failure error={error} retry={reload} /> : current ? <TranscriptView transcript={current} /> : loading ? <Waiting /> : null}
      </div>
    </aside>
  )
}
