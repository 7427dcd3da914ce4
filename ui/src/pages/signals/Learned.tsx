import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import { useGet } from '../../api/resource'
import type { Learning } from '../../api/types'
import { Figure } from '../../charts/Figure'
import { Failure, Waiting } from '../../components/States'
import { count } from '../../format/number'
import { dateTime } from '../../format/time'
import { mayEdit, zone } from '../../state/workspace'
import { tone, weight } from './words'

const auc = (f: Learning['learned']) => (f ? `${f.auc.toFixed(3)} (95 % interval ${f.lo.toFixed(3)} to ${f.hi.toFixed(3)})` : '–')

/** What was learned from this workspace's own ratings, and whether it is used. */
export function Learned() {
  const { data, error, reload } = useGet<Learning>(apiUrl('analysis/learning'))
  const learn = useAction()
  if (error) return <Failure error={error} retry={reload} />
  if (!data) return <Waiting />
  return (
    <div class="main-column">
      <section class="learned">
        <h2>Implied satisfaction</h2>
        <p>{data.used ? 'Concluded by what was learned from the ratings here: ' : 'Concluded by the weights that Debrief ships: '}{data.reason}.</p>
        <dl class="facts num">
          <dt>Rated conversations</dt><dd>{count(data.ratings)} <span class="quiet">at least {count(data.needed)} are needed; ratings between 40 and 60 of 100 say neither</span></dd>
          {data.learned && <><dt>Learned here, AUC</dt><dd>{auc(data.learned)}</dd></>}
          {data.shipped && <><dt>Shipped, AUC</dt><dd>{auc(data.shipped)}</dd></>}
          {data.folds > 0 && <><dt>Tested</dt><dd>out of {data.folds} parts: nobody is predicted by their own ratings</dd></>}
          {data.at && <><dt>Learned</dt><dd>{dateTime(data.at, zone.value)}</dd></>}
        </dl>
        {mayEdit.value && <div class="row"><button type="button" class="button" disabled={learn.busy} onClick={() => void learn.run(async () => { await ask(apiUrl('analysis/learning'), { method: 'POST' }); reload() })}>Learn now</button><span class="tiny quiet">Once a day it is done anyway.</span></div>}
        {learn.error && <Failure error={learn.error} />}
      </section>
      {data.terms.length > 0 && (
        <Figure title="What counts" sub="the strongest first" table={{ head: ['Signal or score', 'Weight', 'Conversations', 'In words'], rows: data.terms.map((t) => ({ cells: [t.title, t.weight, t.n, t.words], shown: [t.title, weight(t.weight), count(t.n), t.words] })) }}>
          <ul class="terms">{data.terms.map((t) => <li key={t.name}><b>{t.title}</b><span class={`weight num ${tone(t.weight)}`}>{weight(t.weight)}</span><span class="small">{t.words}</span><span class="tiny quiet num">{count(t.n)} conversations</span></li>)}</ul>
        </Figure>
      )}
    </div>
  )
}
