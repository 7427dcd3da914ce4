import type { AnalysisExplained } from '../../api/types'
import type { Resource } from '../../api/resource'
import { Failure, Waiting } from '../../components/States'
import { count, score } from '../../format/number'
import { fieldIs } from '../../state/filter'
import { timeOfDay } from '../../format/time'
import { zone } from '../../state/workspace'
import { conversationsHref } from '../overview/links'
import { tone, weight } from '../signals/words'
import type { Signed } from './Signs'

const percentOf = (p: number | null | undefined) => (p === null || p === undefined ? undefined : score(p))

/** How it went, by which rule, with everything behind it. */
export function Concluded({ explained, signed, converted }: { explained: Resource<AnalysisExplained>; signed: Signed; converted: boolean }) {
  const { data, error, reload } = explained
  if (error) return error.status === 404 ? null : <section><h2>Analysis</h2><Failure error={error} retry={reload} /></section>
  if (!data) return <section><h2>Analysis</h2><Waiting /></section>
  const a = data.analysis
  const outcome = converted ? 'converted' : a.outcome // whatever the rules say
  const counted = ([['Dissatisfied turns', a.dissatisfied_turns], ['Failed answers', a.failed_answers], ['Bad answers', a.bad_answers], ['Refusals', a.refusals], ['Injection attempts', a.injection_attempts]] as const).filter(([, n]) => n > 0)
  return (
    <section class="concluded">
      <h2>Analysis</h2>
      <dl class="facts num">
        <dt>Outcome</dt><dd><a class="link" href={conversationsHref(fieldIs('outcome', outcome))}>{outcome}</a>{converted && a.outcome !== 'converted' && <span class="quiet"> (else {a.outcome})</span>}</dd>
        <dt>Because</dt><dd>{a.outcome_reason}</dd>
        <dt>Satisfaction</dt><dd>{percentOf(a.implied_satisfaction) === undefined ? <span class="quiet">nothing to go by</span> : <>{percentOf(a.implied_satisfaction)} of 100 <span class="quiet">implied{data.satisfaction !== null && `; ${percentOf(data.satisfaction)} by the words alone`}</span></>}</dd>
        {a.quality !== undefined && <><dt>Quality</dt><dd>{weight(a.quality)} <span class="quiet">of {count(data.turns.length)} turns with a signal</span></dd></>}
        {a.predicted_rating !== undefined && <><dt>Would be rated</dt><dd>{percentOf(a.predicted_rating)} of 100</dd></>}
        {a.goal_reached !== undefined && <><dt>Goal reached</dt><dd>{percentOf(a.goal_reached)} % likely</dd></>}
        {a.sentiment && <><dt>Sentiment</dt><dd>{a.sentiment}{a.sentiment_score !== undefined && <span class="quiet"> ({weight(a.sentiment_score)})</span>}</dd></>}
        {a.emotion && <><dt>Emotion</dt><dd>{a.emotion}</dd></>}
        {a.language && <><dt>Language</dt><dd>{a.language}</dd></>}
        {counted.map(([label, n]) => <><dt key={label}>{label}</dt><dd>{count(n)}</dd></>)}
      </dl>
      <details>
        <summary>The rule that decided</summary>
        <p class="small">{data.rule.text}</p>
      </details>
      {(a.signals?.length ?? 0) > 0 && (
        <details>
          <summary>{count(a.signals?.length ?? 0)} signals</summary>
          <ul class="found-in">
            {a.signals?.map((s, i) => (
              <li key={i}>
                <span><a class="link" href={`#event-${s.event_id ?? ''}`}>{signed.title(s.name)}</a> <span class={`weight num ${tone(s.weight)}`}>{weight(s.weight)}</span></span>
                <span class="tiny quiet">{s.reason} · {timeOfDay(s.at, zone.value)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <Scores data={data} />
    </section>
  )
}

const names: Readonly<Record<string, string>> = {
  dissatisfied: 'dissatisfied', accept: 'accepts', reject: 'turns down', rephrase: 'asks again', injection: 'injection', refusal: 'refuses', failed: 'failed', bad: 'does not fit', thumb_up: 'thumb up',
}

/** What the analysers found in each message. */
function Scores({ data }: { data: AnalysisExplained }) {
  const messages = data.messages.filter((m) => m.scores.length > 0)
  if (messages.length === 0) return null
  return (
    <details>
      <summary>Scores of {count(messages.length)} messages</summary>
      <ul class="found-in">
        {messages.map((m) => (
          <li key={m.event_id}>
            <span class="small"><a class="link" href={`#event-${m.event_id}`}>{m.role}</a> <span class="quiet num">{timeOfDay(m.at, zone.value)}{m.language && ` · ${m.language}`}{m.sentiment && ` · ${m.sentiment}`}{m.emotion && m.emotion !== 'others' && ` · ${m.emotion}`}</span></span>
            <span class="tiny num">{m.scores.map((s) => `${names[s.name] ?? s.name} ${s.score.toFixed(2)}`).join(' · ')}</span>
            {m.scores.map((s) => s.because && s.because.length > 0 && <span key={s.name} class="tiny quiet">{names[s.name] ?? s.name}: {s.because.map((b) => `${b.what} ${weight(b.weight)}`).join(', ')}</span>)}
          </li>
        ))}
      </ul>
    </details>
  )
}
