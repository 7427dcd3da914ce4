import { useState } from 'preact/hooks'
import { useAction } from '../../api/action'
import { apiUrl, ask } from '../../api/client'
import type { Decision, Identifier, IdentityGraph, IdentityLink, RefusedLink } from '../../api/types'
import { Figure, type TableData } from '../../charts/Figure'
import { Dialog } from '../../components/Dialog'
import { Failure } from '../../components/States'
import { dateTime } from '../../format/time'
import { view } from '../../state/location'
import { hrefTo } from '../../state/view'
import { mayEdit, sourceNames, zone } from '../../state/workspace'
import { journeyHref } from '../journey/link'
import { DetachDialog } from './DetachDialog'
import { type Branch, treeOf } from './tree'
import { decided, evidence, oddity, refusal, typeLabel, why } from './words'

/** Which ids are a person's and why, for those who see such a thing for the first time too; what was decided of
 *  them, and the way back. */
export function IdentityPanel({ graph, changed }: { graph: IdentityGraph; changed: (what: string) => void }) {
  const [undoing, setUndoing] = useState<Undoing | null>(null)
  const [detaching, setDetaching] = useState<Identifier | null>(null)
  const n = graph.identifiers.length
  const undo = mayEdit.value ? setUndoing : undefined
  const detach = mayEdit.value && n > 1 ? setDetaching : undefined
  return (
    <div class="identity">
      <Figure title="Whose ids these are" table={tableOf(graph)}>
        <p class="small consequence">
          {n === 1
            ? 'This person is known by one id. When a call carries it together with another, the two become one person, and all figures follow, for the past too.'
            : `These ${n} ids are counted as one person. Each stands below the id that it was linked to, with the call or the decision that did it. A link that is wrong can be undone, an id that is not this person’s detached; all figures follow, for the past too.`}
        </p>
        <ul class="id-tree">{treeOf(graph).map((b) => <Node key={`${b.id.type} ${b.id.value}`} branch={b} graph={graph} undo={undo} detach={detach} />)}</ul>
      </Figure>
      {graph.flags.length > 0 && (
        <section>
          <h2>Flagged</h2>
          <ul class="plain-list">
            {graph.flags.map((f) => <li key={`${f.type} ${f.value}`} class="notice warn"><span><Id type={f.type} value={f.value} /> {evidence(f)}. It links nothing. <a href={hrefTo('/flagged', view.value)}>What to do</a></span></li>)}
          </ul>
        </section>
      )}
      {graph.refused.length > 0 && <Refused refused={graph.refused} />}
      <Decisions decisions={graph.decisions} undo={undo} />
      {undoing && <Undo what={undoing} close={() => setUndoing(null)} done={() => { setUndoing(null); changed('Undone.') }} />}
      {detaching && <DetachDialog id={detaching} close={() => setDetaching(null)} done={() => { setDetaching(null); changed('Detached.') }} />}
    </div>
  )
}

/** What can be undone: its id, what it says, and what becomes of it. */
interface Undoing {
  id: string
  says: string
  then: string
}

type Ask = ((what: Undoing) => void) | undefined

const ofLink = (link: IdentityLink, decisions: readonly Decision[]): Undoing => ({
  id: link.id,
  says: `${link.a.value} and ${link.b.value}: ${why(link, decisions)}.`,
  then: link.decision
    ? 'Everything is as it was before that decision.'
    : 'It will be as if the call had carried only one of them. They stay apart, whatever calls say later, until somebody merges them.',
})

const ofDecision = (d: Decision): Undoing => ({
  id: d.id,
  says: `${decided(d)}.`,
  then: d.kind === 'undo' ? 'What was taken back then holds again.' : 'Everything is as it was before that decision.',
})

function Node({ branch, graph, undo, detach }: { branch: Branch; graph: IdentityGraph; undo: Ask; detach: ((id: Identifier) => void) | undefined }) {
  const { id, link, branches } = branch
  const odd = oddity(id.state)
  return (
    <li>
      <div class="id-node">
        <Id type={id.type} value={id.value} />
        {id.value === graph.person && !link && id.type !== 'email' && <span class="mark accent">names the person</span>}
        {odd && <span class="mark warn" title={odd.meaning}>{odd.label}</span>}
        <p class="small quiet num">
          {link
            ? <>linked {dateTime(link.at, zone.value)}: <Why link={link} graph={graph} /></>
            : odd?.meaning ?? <>first seen {dateTime(id.first_at, zone.value)} by <Call event={id.first_event} source={id.first_source} /></>}
          {link && undo && <> · <button type="button" class="linkish" aria-label={`Undo the link of ${id.value}`} onClick={() => undo(ofLink(link, graph.decisions))}>Undo</button></>}
          {detach && id.state !== 'detached' && <> · <button type="button" class="linkish" aria-label={`Detach ${id.value}`} onClick={() => detach(id)}>Detach</button></>}
        </p>
      </div>
      {branches.length > 0 && <ul>{branches.map((b) => <Node key={`${b.id.type} ${b.id.value}`} branch={b} graph={graph} undo={undo} detach={detach} />)}</ul>}
    </li>
  )
}

function Id({ type, value }: { type: string; value: string }) {
  return <span class="id"><span class="quiet small">{typeLabel(type)}</span> <code>{value}</code></span>
}

function Why({ link, graph }: { link: IdentityLink; graph: IdentityGraph }) {
  return <>{why(link, graph.decisions)}{link.event && <> (<Call event={link.event} source={link.source} />)</>}</>
}

/** The call that said something, as a way to it. */
function Call({ event, source }: { event: string; source?: string | undefined }) {
  return <><a class="link" href={journeyHref(event, view.value)}>this call</a>{source && <> of {sourceNames.value.get(source) ?? source}</>}</>
}

function Refused({ refused }: { refused: readonly RefusedLink[] }) {
  return (
    <section>
      <h2>Not linked <span class="quiet small">calls that carried two ids which are not one person all the same</span></h2>
      <ul class="plain-list small">
        {refused.map((r) => (
          <li key={r.id}>
            <Id type={r.a.type} value={r.a.value} /> and <Id type={r.b.type} value={r.b.value} />: {refusal(r)}
            <span class="quiet num"> · {dateTime(r.at, zone.value)}{r.event && <> by <Call event={r.event} source={r.source} /></>}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

const undoes: Record<Decision['kind'], string> = { merge: 'Undo the merge', detach: 'Undo the detaching', undo: 'Put it back' }

function Decisions({ decisions, undo }: { decisions: readonly Decision[]; undo: Ask }) {
  return (
    <section>
      <h2>Decisions</h2>
      {decisions.length === 0 ? <p class="small quiet">None: all links are those that calls made. Merge this person with another if you know that they are one.</p> : (
        <ul class="plain-list small">
          {decisions.map((d) => (
            <li key={d.id}>
              {decided(d)} <span class="quiet num">{dateTime(d.at, zone.value)}</span>
              {undo && <> · <button type="button" class="linkish" onClick={() => undo(ofDecision(d))}>{undoes[d.kind]}</button></>}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Undo({ what, close, done }: { what: Undoing; close: () => void; done: () => void }) {
  const action = useAction()
  const run = async () => {
    if (await action.run(() => ask(apiUrl(`identity/merges/${encodeURIComponent(what.id)}/undo`), { method: 'POST' }))) done()
  }
  return (
    <Dialog label="Undo" onClose={close}>
      <div class="dialog-body">
        <h2>Undo this?</h2>
        <p>{what.says}</p>
        <p class="small quiet">{what.then} Undoing can be undone.</p>
        {action.error && <Failure error={action.error} />}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={close}>Leave it</button>
          <button type="button" class="button primary" autoFocus disabled={action.busy} onClick={() => void run()}>Undo</button>
        </div>
      </div>
    </Dialog>
  )
}

/** The graph as a table: ids that nothing links have no reason. */
function tableOf(graph: IdentityGraph): TableData {
  const rows = (branches: readonly Branch[], parent?: Branch): TableData['rows'] => branches.flatMap((b) => [
    {
      cells: [b.id.value, typeLabel(b.id.type), parent?.id.value ?? null, b.link ? why(b.link, graph.decisions) : oddity(b.id.state)?.label ?? null, b.link?.at ?? b.id.first_at, b.link?.event ?? b.id.first_event],
      ...(b.link?.event ? { href: journeyHref(b.link.event, view.value) } : {}),
    },
    ...rows(b.branches, b),
  ])
  return { head: ['Id', 'Type', 'Linked to', 'Because', 'When', 'Call'], rows: rows(treeOf(graph)) }
}

