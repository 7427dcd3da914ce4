import { useState } from 'preact/hooks'
import { ApiError, ask, apiUrl } from '../../api/client'
import type { Source, TestConversationSent } from '../../api/types'
import { Copy } from '../../components/Copy'
import { Empty, Failure } from '../../components/States'
import { dateTime } from '../../format/time'
import { navigate, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, reloadSources, sources, zone } from '../../state/workspace'
import { contents, levels } from '../privacy/modes'
import { QualityReport } from './QualityReport'
import { SourcePlan } from './SourcePlan'

const scales: readonly [string, string][] = [['', 'Not set'], ['1-5', '1 to 5'], ['0-10', '0 to 10'], ['1-10', '1 to 10'], ['1-7', '1 to 7'], ['1-3', '1 to 3'], ['thumb', 'Thumbs: 0 or 1'], ['0-100', '0 to 100']]

/** One source: how to write to it, how it is read, and whether what it sends is right. */
export function SourcePage({ id }: { id: string }) {
  const source = sources.value.find((s) => s.id === id)
  const [error, setError] = useState<ApiError | null>(null)
  if (!source) return <Empty title="There is no such source"><p><a href={hrefTo('/data/sources', view.value)}>All sources</a></p></Empty>

  const act = async (what: () => Promise<unknown>) => {
    setError(null)
    try {
      await what()
      await reloadSources()
    } catch (e) {
      if (e instanceof ApiError) setError(e)
    }
  }
  const patch = (change: Partial<Source>) => act(() => ask(apiUrl(`sources/${encodeURIComponent(id)}`), { method: 'PATCH', body: change }))
  const test = () => act(async () => {
    const sent = await ask<TestConversationSent>(apiUrl('test-conversation'), { method: 'POST', body: { source: id } })
    navigate(hrefTo(`/conversations/${encodeURIComponent(sent.conversation_id)}`, view.value))
  })
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <p class="crumbs"><a href={hrefTo('/data/sources', view.value)}>Sources</a></p>
          <h1>{source.name} {!source.enabled && <span class="mark">disabled</span>}</h1>
        </div>
        {mayEdit.value && (
          <div class="row">
            <a class="button" href={hrefTo('/start', view.value, { source: id })}>Connect a client</a>
            <button type="button" class="button" disabled={!source.enabled} onClick={test}>Send a test conversation</button>
            <button type="button" class={`button ${source.enabled ? 'danger' : ''}`} onClick={() => patch({ enabled: !source.enabled })}>{source.enabled ? 'Disable' : 'Enable'}</button>
          </div>
        )}
      </div>
      {error && <Failure error={error} />}
      <div class="reading">
        <div class="main-column">
          <SourcePlan source={source} />
          <QualityReport source={source} />
        </div>
        <div class="side">
          <section>
            <h2>Write {source.write_keys.length === 1 ? 'key' : 'keys'}</h2>
            {source.write_keys.map((key) => <div class="row key" key={key}><code class="grow">{key}</code><Copy text={key} /></div>)}
            <p class="small quiet">It can only write, so it may stand in a web page.</p>
            {mayEdit.value && <div><button type="button" class="button" onClick={() => act(() => ask(apiUrl(`sources/${encodeURIComponent(id)}/keys`), { method: 'POST', body: { revoke: false } }))}>Make a new key</button></div>}
          </section>
          <section>
            <h2>Settings</h2>
            <label class="field"><span>Scale of ratings that come without one</span>
              <select class="control" disabled={!mayEdit.value} value={source.rating_scale} onChange={(e) => patch({ rating_scale: e.currentTarget.value })}>
                {scales.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
                {!scales.some(([value]) => value === source.rating_scale) && <option value={source.rating_scale}>{source.rating_scale}</option>}
              </select>
            </label>
            <p class="small quiet">A scale sent with the rating goes first. The setting holds for what comes in from now on.</p>
            <label class="field"><span>Masked before it is stored</span>
              <select class="control" disabled={!mayEdit.value} value={source.redaction} onChange={(e) => patch({ redaction: e.currentTarget.value as Source['redaction'] })}>
                {levels.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
              </select>
            </label>
            <label class="field"><span>Texts of messages and tools</span>
              <select class="control" disabled={!mayEdit.value} value={source.content} onChange={(e) => patch({ content: e.currentTarget.value as Source['content'] })}>
                {contents.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
              </select>
            </label>
            <p class="small quiet">What was masked is counted under <a href={hrefTo('/data/privacy', view.value)}>Privacy</a>.</p>
            <label class="check small"><input type="checkbox" disabled={!mayEdit.value} checked={source.settings.ignore_anonymous === 'true'} onChange={(e) => patch({ settings: setting(source, 'ignore_anonymous', e.currentTarget.checked) })} />Screeb’s tag leaves out people who are not identified</label>
            <p class="small quiet">The tag asks for it, at most every five minutes. What arrives all the same is stored.</p>
            <dl class="facts"><dt>Id</dt><dd class="mono">{source.id}</dd><dt>Added</dt><dd class="num">{dateTime(source.created_at, zone.value)}</dd></dl>
          </section>
        </div>
      </div>
    </>
  )
}

/** The settings with a switch on or off. The API replaces all settings at once. */
function setting(source: Source, name: string, on: boolean): Record<string, string> {
  const { [name]: _, ...others } = source.settings
  return on ? { ...others, [name]: 'true' } : others
}
