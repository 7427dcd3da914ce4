import { useState } from 'preact/hooks'
import { apiUrl } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Journey, JourneyStep } from '../../api/types'
import { Code } from '../../components/Code'
import { Icon } from '../../components/Icon'
import { Json } from '../../components/Json'
import { Empty, Failure, Waiting } from '../../components/States'
import { preciseTime, shortDay } from '../../format/time'
import { navigate, params, view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { zone } from '../../state/workspace'
import { journeyHref } from './link'
import { conversationOf, eventOf, outcomes, stepNames } from './states'

/** Where is my event? The way of one call, by its id as sent or as stored. */
export function JourneyPage() {
  const id = params.value.get('id') ?? ''
  const { data, error, loading, reload } = useGet<Journey>(id ? apiUrl(`events/${encodeURIComponent(id)}/journey`) : null)
  return (
    <>
      <div class="page-head"><h1>Journey</h1><Search key={id} id={id} /></div>
      {id === ''
        ? <Empty title="The way of one call, step by step"><p>Give an id as your client sent it (the top-level <code>messageId</code>), or as it is stored. You see whether the call was accepted, what was kept of it, how it was read, what the plan said, whose it is and where it is stored.</p></Empty>
        : error ? <Failure error={error} retry={reload} />
          : !data || data.id !== id ? <Waiting />
            : <div class={loading ? 'busy' : ''}><Way journey={data} reload={reload} /></div>}
    </>
  )
}

function Search({ id }: { id: string }) {
  const [text, setText] = useState(id)
  const go = (event: Event) => {
    event.preventDefault()
    if (text.trim()) navigate(journeyHref(text.trim(), view.value))
  }
  return (
    <form class="row find-id" role="search" aria-label="Find a call" onSubmit={go}>
      <input class="control mono" aria-label="Id of a call" placeholder="Id of a call, as sent or stored" value={text} onInput={(e) => setText(e.currentTarget.value)} />
      <button class="button primary">Find</button>
    </form>
  )
}

function Way({ journey, reload }: { journey: Journey; reload: () => void }) {
  const outcome = outcomes[journey.status]
  const conversation = conversationOf(journey)
  return (
    <div class="way">
      <div class={`notice ${outcome.mark === 'bad' || outcome.mark === 'warn' ? outcome.mark : ''}`}>
        <b>{outcome.title}</b><span>{outcome.text}</span>
        {journey.status === 'quarantined' && <a class="button" href={hrefTo('/data/quarantine', view.value, { event: eventOf(journey) })}>Open the quarantine</a>}
        {conversation && <a class="button" href={hrefTo(`/conversations/${encodeURIComponent(conversation)}`, view.value)}>Open the conversation</a>}
        {(journey.status === 'pending' || journey.status === 'unknown') && <button type="button" class="button" onClick={reload}>Look again</button>}
      </div>
      <dl class="facts">
        <dt>Asked for</dt><dd class="mono">{journey.id}</dd>
        {journey.event_id && journey.event_id !== journey.id && <><dt>Stored as</dt><dd class="mono">{journey.event_id}</dd></>}
        {journey.mapping_differs.length > 0 && <><dt>Differs</dt><dd>{journey.mapping_differs.join(', ')} <span class="quiet">— the mapping alone fills these in another way than the row has them now, as its trace was joined or the mapping has changed since.</span></dd></>}
      </dl>
      {journey.status !== 'unknown' && <ol class="steps">{journey.steps.map((s) => <Step key={s.step} step={s} />)}</ol>}
    </div>
  )
}

const said: Record<JourneyStep['state'], string> = { done: '', stopped: 'ended here', waiting: 'waiting', skipped: 'not reached' }

function Step({ step }: { step: JourneyStep }) {
  const reason = step.state === 'skipped' && step.summary ? '' : said[step.state]
  return (
    <li class={step.state}>
      <span class="dot" aria-hidden="true">{step.state === 'done' ? <Icon name="check" /> : step.state === 'stopped' ? <Icon name="warn" /> : null}</span>
      <div class="step-body">
        <div class="row">
          <h2>{stepNames[step.step]}</h2>
          {step.rule && <span class="mark">{step.rule}</span>}
          {reason && <span class={`mark ${step.state === 'stopped' ? 'bad' : ''}`}>{reason}</span>}
          {step.at && <time class="num quiet small" dateTime={step.at}>{shortDay(step.at, zone.value)}, {preciseTime(step.at, zone.value)}</time>}
        </div>
        {step.summary && <p class="small">{step.summary}</p>}
        {step.codes.map((code) => <Code key={code} code={code} />)}
        {step.payload !== undefined && step.payload !== null && <Json label={`What the step gave: ${stepNames[step.step].toLowerCase()}`} value={step.payload} />}
      </div>
    </li>
  )
}
