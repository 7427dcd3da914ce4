import { useMemo } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { AnalysisExplained, Conversation, ConversationList, Signals, Transcript } from '../../api/types'
import { Icon } from '../../components/Icon'
import { Empty, Failure, Waiting } from '../../components/States'
import { count, dollars, duration, plural, score } from '../../format/number'
import { faults, filledIn } from '../../format/repairs'
import { dateTime } from '../../format/time'
import { useKeys } from '../../shell/keys'
import { navigate, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { question, sourceNames, zone } from '../../state/workspace'
import { conversationHref, neighbours, pageUrl, placeOf, placeParams } from '../conversations/list'
import { Concluded } from './Concluded'
import { EventList } from './EventList'
import { Labels } from './Labels'
import { Notes } from './Notes'
import { ShareMenu } from './Share'
import { signedBy } from './Signs'
import { TranscriptView } from './TranscriptView'

/** What happened? One conversation, with its neighbours in the list that it was opened from. */
export function ConversationPage({ id }: { id: string }) {
  const { data, error, reload } = useGet<Transcript>(apiUrl(`conversations/${encodeURIComponent(id)}`))
  const explained = useGet<AnalysisExplained>(data ? apiUrl(`conversations/${encodeURIComponent(id)}/analysis`) : null)
  const catalogue = useGet<Signals>(apiUrl('signals'))
  const signed = useMemo(() => signedBy(explained.data, catalogue.data), [explained.data, catalogue.data])
  const place = placeOf(params.value)
  const list = useGet<ConversationList>(pageUrl(question.value, place))
  const ids = list.data?.conversations.map((c) => c.conversation_id) ?? []
  const { before, after } = neighbours(ids, id)
  const back = hrefTo('/conversations', view.value, { ...placeParams(place), at: id })
  const go = (other: string | undefined) => { if (other) navigate(conversationHref(other, view.value, place)) }

  useKeys([
    { key: 'j', does: 'Next conversation', run: () => go(after) },
    { key: 'k', does: 'Previous conversation', run: () => go(before) },
    { key: 'escape', does: 'Back to the list', run: () => navigate(back) },
  ])
  return (
    <>
      <div class="page-head">
        <div class="grow">
          <p class="crumbs"><a href={back}>Conversations</a>{ids.includes(id) && <span class="num"> · {count((place.page - 1) * 50 + ids.indexOf(id) + 1)} of {count(list.data?.total ?? 0)}</span>}</p>
          <h1 class="clip" dir="auto">{data?.conversation.title || data?.conversation.preview || (data ? 'Conversation' : '\u00a0')}</h1>
        </div>
        <div class="row">
          <ShareMenu id={id} />
          <Step to={before} label="Previous" hint="K" href={before && conversationHref(before, view.value, place)} icon="left" />
          <Step to={after} label="Next" hint="J" href={after && conversationHref(after, view.value, place)} icon="right" />
        </div>
      </div>
      {error?.status === 404
        ? <Empty title="There is no such conversation"><p>No event with the conversation id <code>{id}</code> has come in. If it was sent a moment ago, it may not be stored yet.</p><button type="button" class="button" onClick={reload}>Look again</button></Empty>
        : error ? <Failure error={error} retry={reload} />
          : !data ? <Waiting />
            : (
              <div class="reading">
                <TranscriptView transcript={data} signed={signed} />
                <div class="side">
                  <Concluded explained={explained} signed={signed} converted={data.conversation.converted} />
                  <Facts c={data.conversation} />
                  <Labels key={`labels-${id}`} conversation={data.conversation} next={() => go(after)} />
                  <Notes key={`notes-${id}`} id={id} />
                  <section>
                    <h2>Events <span class="quiet num">{count(data.events.length)}</span></h2>
                    <Remarks transcript={data} />
                    <EventList events={data.events} />
                  </section>
                </div>
              </div>
            )}
    </>
  )
}

function Step(props: { to: string | undefined; label: string; hint: string; href: string | undefined; icon: 'left' | 'right' }) {
  if (!props.href) return <button type="button" class="button" disabled><Icon name={props.icon} />{props.label}</button>
  return <a class="button" href={props.href}>{props.icon === 'left' && <Icon name="left" />}{props.label} <kbd>{props.hint}</kbd>{props.icon === 'right' && <Icon name="right" />}</a>
}

function Remarks({ transcript }: { transcript: Transcript }) {
  const repairs = transcript.events.reduce((n, e) => n + faults(e).length, 0)
  const violations = transcript.events.reduce((n, e) => n + (e.violations?.length ?? 0), 0)
  const filled = transcript.events.filter((e) => filledIn(e).length > 0).length
  return (
    <p class="small quiet">
      {repairs + violations === 0 ? 'All as the spec says.' : `${[violations && plural(violations, 'violation'), repairs && plural(repairs, 'repair')].filter(Boolean).join(', ')}. Nothing was dropped.`}
      {filled > 0 && ` ${plural(filled, 'event')} ${filled === 1 ? 'has' : 'have'} fields filled in from the trace.`}
    </p>
  )
}

function Facts({ c }: { c: Conversation }) {
  return (
    <section>
      <h2>Facts</h2>
      <dl class="facts num">
        <dt>Began</dt><dd>{dateTime(c.at, zone.value)}</dd>
        {c.duration_ms !== undefined && <><dt>Lasted</dt><dd>{duration(c.duration_ms)}</dd></>}
        <dt>Person</dt><dd>{c.person ? <a href={hrefTo(`/people/${encodeURIComponent(c.person)}`, view.value)}>{c.person}</a> : <span class="quiet">unknown</span>}</dd>
        <dt>Messages</dt><dd>{count(c.messages)} <span class="quiet">({count(c.user_messages)} by the user)</span></dd>
        <dt>First answer</dt><dd>{c.first_response_ms === undefined ? <span class="quiet">none came</span> : `after ${duration(c.first_response_ms)}`}</dd>
        {c.model_calls > 0 && (
          <>
            <dt>Model calls</dt><dd>{count(c.model_calls)}{c.model && <span class="quiet"> ({c.model})</span>}</dd>
            {(c.failed_calls > 0 || c.cancelled_calls > 0) && <><dt>Of them</dt><dd>{[c.failed_calls && `${count(c.failed_calls)} failed`, c.cancelled_calls && `${count(c.cancelled_calls)} cancelled`].filter(Boolean).join(', ')}</dd></>}
            <dt>Tokens</dt><dd>{c.input_tokens === undefined && c.output_tokens === undefined ? <span class="quiet">not told</span> : `${count(c.input_tokens ?? 0)} in, ${count(c.output_tokens ?? 0)} out`}</dd>
            <dt>Cost</dt><dd>{c.cost_usd === undefined ? <span class="quiet">not known</span> : dollars(c.cost_usd)}</dd>
          </>
        )}
        {c.actions > 0 && <><dt>Tools</dt><dd>{plural(c.actions, 'call')}{c.failed_tools > 0 && `, ${count(c.failed_tools)} failed`}</dd></>}
        <dt>Score</dt><dd>{c.score === undefined ? <span class="quiet">not rated</span> : `${score(c.score)} of 100`}</dd>
        <dt>Converted</dt><dd>{c.converted ? `yes${c.messages_to_conversion === undefined ? '' : `, after ${plural(c.messages_to_conversion, 'message')}`}${c.conversion_inferred ? ' (inferred: the event names no conversation)' : ''}` : 'no'}</dd>
        <dt>Ended</dt><dd>{c.ended ? c.end_reason || 'yes' : <span class="quiet">no explicit end</span>}</dd>
        <dt>Source</dt><dd>{sourceNames.value.get(c.source) ?? c.source}</dd>
        {([['Agent', c.agent_id], ['Channel', c.channel], ['Locale', c.locale], ['Group', c.group_id], ['Session', c.session_id]] as const).map(([label, value]) => value && <><dt key={label}>{label}</dt><dd>{value}</dd></>)}
        <dt>Id</dt><dd class="mono">{c.conversation_id}</dd>
      </dl>
    </section>
  )
}
