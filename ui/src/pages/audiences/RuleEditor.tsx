import { useEffect, useRef } from 'preact/hooks'
import type { AudienceRule, Deed, TraitTest } from '../../api/types'
import { Icon } from '../../components/Icon'
import { span, traitOps, windows } from '../computed/words'
import { Where } from '../computed/Where'
import { group, modeOf, type Mode, partsOf, withPart } from './rule'

interface Props {
  rule: AudienceRule
  label: string // which part, for those who do not see it: "1.2"
  keys: readonly string[] // of traits, to choose from
  known: ReadonlyMap<string, string[]>
  change: (r: AudienceRule) => void
  remove?: (() => void) | undefined
}

/** A group of conditions, and groups in it. What is added has the focus. */
export function RuleEditor({ rule, label, keys, known, change, remove }: Props) {
  const parts = partsOf(rule)
  const list = useRef<HTMLUListElement>(null)
  const added = useRef(false)
  const add = (part: AudienceRule) => {
    added.current = true
    change(group(modeOf(rule) ?? 'all', [...parts, part]))
  }
  useEffect(() => {
    if (added.current) list.current?.querySelector<HTMLElement>(':scope > li:last-child :is(select, input)')?.focus()
    added.current = false
  }, [parts.length])
  const name = label === '' ? 'the rule' : `group ${label}`
  return (
    <fieldset class="rule-group">
      <legend class="hidden">{name}</legend>
      <div class="row">
        <select class="control" aria-label={`How ${name} joins`} value={modeOf(rule) ?? 'all'} onChange={(e) => change(group(e.currentTarget.value as Mode, parts))}>
          <option value="all">all of</option><option value="any">any of</option><option value="none">none of</option>
        </select>
        {remove && <button type="button" class="button plain square" aria-label={`Remove ${name}`} onClick={remove}><Icon name="close" /></button>}
      </div>
      <ul ref={list}>
        {parts.map((part, i) => {
          const at = label === '' ? String(i + 1) : `${label}.${i + 1}`
          const props = { label: at, keys, known, change: (r: AudienceRule) => change(withPart(rule, i, r)), remove: () => change(withPart(rule, i, null)) }
          return <li key={i}>{part.trait ? <TraitRow {...props} test={part.trait} /> : part.did ? <DeedRow {...props} deed={part.did} /> : <RuleEditor {...props} rule={part} />}</li>
        })}
      </ul>
      <div class="row">
        <button type="button" class="button" onClick={() => add({ did: { of: 'conversations', where: [], at_least: 1, window: '30d' } })}>Add what they did</button>
        <button type="button" class="button" onClick={() => add({ trait: { key: '', op: 'equals', values: [''] } })}>Add a trait</button>
        <button type="button" class="button plain" onClick={() => add({ any: [{ trait: { key: '', op: 'equals', values: [''] } }] })}>Add a group</button>
      </div>
    </fieldset>
  )
}

type Row = Omit<Props, 'rule'>

/** Operators that compare how far a time is from now. */
const ages: ReadonlySet<TraitTest['op']> = new Set(['within_last', 'before_last', 'within_next', 'after_next'])

function TraitRow({ test, label, keys, change, remove }: Row & { test: TraitTest }) {
  const put = (next: Partial<TraitTest>) => change({ trait: { ...test, ...next } })
  const valued = test.op !== 'exists' && test.op !== 'absent'
  const several = test.op === 'equals' || test.op === 'differs'
  const aged = ages.has(test.op)
  return (
    <div class="condition">
      <span class="quiet small">trait</span>
      <input class="control" aria-label={`Trait of condition ${label}`} list={`traits-${label}`} placeholder="trait" value={test.key} onInput={(e) => put({ key: e.currentTarget.value.trim() })} />
      <datalist id={`traits-${label}`}>{keys.map((k) => <option key={k} value={k} />)}</datalist>
      <select class="control" aria-label={`How condition ${label} compares`} value={test.op} onChange={(e) => put({ op: e.currentTarget.value as TraitTest['op'] })}>
        {traitOps.map(([op, word]) => <option key={op} value={op}>{word}</option>)}
      </select>
      {valued && <input class="control value" aria-label={`Value of condition ${label}`} placeholder={aged ? '7d' : several ? 'value, or a|b' : 'value'} value={(test.values ?? []).join('|')} onInput={(e) => put({ values: several ? e.currentTarget.value.split('|') : [e.currentTarget.value] })} />}
      <Remove label={label} remove={remove} />
    </div>
  )
}

const bounds = [['least', 'at least'], ['most', 'at most'], ['exactly', 'exactly'], ['never', 'no'], ['between', 'between']] as const
type Bound = (typeof bounds)[number][0]

const boundOf = ({ at_least: a, at_most: b }: Deed): Bound =>
  b === 0 ? 'never' : a !== undefined && b !== undefined ? (a === b ? 'exactly' : 'between') : b !== undefined ? 'most' : 'least'

function bounded({ at_least: _, at_most: __, ...deed }: Deed, bound: Bound, a: number, b: number): Deed {
  switch (bound) {
    case 'least': return { ...deed, at_least: a }
    case 'most': return { ...deed, at_most: a }
    case 'exactly': return { ...deed, at_least: a, at_most: a }
    case 'between': return { ...deed, at_least: a, at_most: Math.max(a, b) }
    case 'never': return { ...deed, at_most: 0 }
  }
}

function DeedRow({ deed, label, known, change, remove }: Row & { deed: Deed }) {
  const bound = boundOf(deed)
  const a = deed.at_least ?? (deed.at_most || 1)
  const b = deed.at_most || a
  const put = (next: Deed) => change({ did: next })
  const number = (text: string) => Math.max(1, Math.round(Number(text)) || 1)
  return (
    <div class="deed">
      <div class="condition">
        <span class="quiet small">had</span>
        <select class="control" aria-label={`How often, condition ${label}`} value={bound} onChange={(e) => put(bounded(deed, e.currentTarget.value as Bound, a, b))}>
          {bounds.map(([name, word]) => <option key={name} value={name}>{word}</option>)}
        </select>
        {bound !== 'never' && <input class="control times num" type="number" min={1} aria-label={`Times, condition ${label}`} value={a} onChange={(e) => put(bounded(deed, bound, number(e.currentTarget.value), b))} />}
        {bound === 'between' && <><span class="quiet small">and</span><input class="control times num" type="number" min={a} aria-label={`Times at most, condition ${label}`} value={b} onChange={(e) => put(bounded(deed, bound, a, number(e.currentTarget.value)))} /></>}
        <select class="control" aria-label={`What, condition ${label}`} value={deed.of} onChange={(e) => put({ ...deed, of: e.currentTarget.value as Deed['of'], where: [] })}>
          <option value="conversations">conversations</option><option value="events">events</option>
        </select>
        <Window label={`Condition ${label}, since when`} value={deed.window} change={(window) => put({ ...deed, window })} />
        <Remove label={label} remove={remove} />
      </div>
      <Where label={`condition ${label}`} of={deed.of} where={deed.where ?? []} known={known} change={(where) => put({ ...deed, where })} />
    </div>
  )
}

/** Since when what somebody did counts. */
export function Window({ label, value, change }: { label: string; value: string | undefined; change: (window: string) => void }) {
  const now = span(value)
  return (
    <select class="control" aria-label={label} value={now} onChange={(e) => change(e.currentTarget.value)}>
      {windows.map(([w, title]) => <option key={w} value={w}>{title}</option>)}
      {!windows.some(([w]) => w === now) && <option value={now}>last {now}</option>}
    </select>
  )
}

function Remove({ label, remove }: { label: string; remove: (() => void) | undefined }) {
  return remove ? <button type="button" class="button plain square" aria-label={`Remove condition ${label}`} onClick={remove}><Icon name="close" /></button> : null
}
