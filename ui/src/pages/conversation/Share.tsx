import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Share, ShareList } from '../../api/types'
import { Copy } from '../../components/Copy'
import { Icon } from '../../components/Icon'
import { Popover } from '../../components/Popover'
import { dateTime } from '../../format/time'
import { zone } from '../../state/workspace'

/** Takes the conversation elsewhere: a link that anybody can read, masked, or a file. */
export function ShareMenu({ id }: { id: string }) {
  return (
    <Popover label="Share" align="right" class="share" button={<><Icon name="download" />Share</>}>
      {() => <Shares id={id} />}
    </Popover>
  )
}

function Shares({ id }: { id: string }) {
  const path = `conversations/${encodeURIComponent(id)}`
  const { data, reload } = useGet<ShareList>(apiUrl(`${path}/shares`))
  const [made, setMade] = useState<Share>()
  const { busy, error, run } = useAction()
  const make = () => run(async () => {
    setMade(await ask<Share>(apiUrl(`${path}/shares`), { method: 'POST', body: { days: 7 } }))
    reload()
  })
  const end = (share: string) => run(async () => {
    await ask(apiUrl(`shares/${encodeURIComponent(share)}`), { method: 'DELETE' })
    if (made?.id === share) setMade(undefined)
    reload()
  })
  return (
    <>
      <p class="small">A link shows the conversation to anybody who has it, for seven days. Personal data are masked; person, notes and facts are left out.</p>
      {made?.url
        ? <div class="made"><input class="control grow" readOnly aria-label="The link" value={made.url} onFocus={(e) => e.currentTarget.select()} /><Copy text={made.url} /></div>
        : <button type="button" class="button" disabled={busy} onClick={() => void make()}>Make a link</button>}
      {made && <p class="tiny quiet">It is shown this once.</p>}
      {data && data.shares.length > 0 && (
        <ul class="shares small">
          {data.shares.map((s) => <li key={s.id}><span>Link of {s.author}, until {dateTime(s.expires_at, zone.value)}</span> <button type="button" class="button plain" disabled={busy} onClick={() => void end(s.id)}>End it</button></li>)}
        </ul>
      )}
      {error && <p class="fault small" role="alert">{error.message}</p>}
      <p class="small quiet">Or as a file, as it is:</p>
      <a class="menu-item" href={apiUrl(`${path}/export`, { format: 'md' })} download>To read<span class="quiet">Markdown</span></a>
      <a class="menu-item" href={apiUrl(`${path}/export`, { format: 'json' })} download>All fields<span class="quiet">JSON</span></a>
    </>
  )
}
