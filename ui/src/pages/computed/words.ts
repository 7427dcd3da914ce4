import type { AudienceRule, ComputedStatus, Deed, NewTrait, TraitDefinition, TraitTest } from '../../api/types'
import { count, plural } from '../../format/number'
import { fieldInWords, parseFilter, phrase } from '../../state/filter'

/** How a trait is made of rows, in the order in which people are offered it. */
export const aggregates: readonly [TraitDefinition['aggregate'], string][] = [
  ['count', 'how many'], ['sum', 'sum of'], ['avg', 'average of'], ['min', 'least of'], ['max', 'most of'], ['most_frequent', 'most frequent'],
  ['first', 'first'], ['last', 'last'], ['unique_list', 'all different'], ['unique_count', 'number of different'],
]

/** How a trait is compared. */
export const traitOps: readonly [TraitTest['op'], string][] = [
  ['equals', 'is'], ['differs', 'is not'], ['exists', 'is known'], ['absent', 'is not known'], ['gt', '>'], ['gte', '≥'], ['lt', '<'], ['lte', '≤'],
  ['contains', 'contains'], ['starts_with', 'starts with'], ['ends_with', 'ends with'], ['within_last', 'is within the last'], ['before_last', 'is longer ago than'],
  ['within_next', 'is within the next'], ['after_next', 'is further ahead than'],
]

/** Spans of time that are offered; '' is ever. */
export const windows: readonly [string, string][] = [['', 'ever'], ['24h', 'last day'], ['7d', 'last 7 days'], ['14d', 'last 14 days'], ['30d', 'last 30 days'], ['90d', 'last 90 days'], ['365d', 'last year']]

/** A span as the API may write it ("720h0m0s") in the form that is offered ("30d"). */
export function span(text = ''): string {
  const hours = Number(/^(\d+)h(0m)?(0s)?$/.exec(text)?.[1])
  if (text === '0s' || text === '') return ''
  if (text === '1d') return '24h'
  return hours > 24 && hours % 24 === 0 ? `${hours / 24}d` : hours ? `${hours}h` : text
}

const within = (window?: string): string => {
  const s = span(window)
  return s === '' ? '' : `, ${windows.find(([w]) => w === s)?.[1] ?? `last ${s}`}`
}

/** Conditions of rows as a phrase: "whose event is Stock Bought". */
export function whereWords(where: readonly string[] = [], names?: ReadonlyMap<string, string>): string {
  const said = where.map((text) => {
    const f = parseFilter(text)
    if (!f) return text
    const { word, value } = phrase(f, names)
    return `${fieldInWords(f.field)} ${word}${value === '' ? '' : ` ${value}`}`
  })
  return said.length === 0 ? '' : ` whose ${said.join(' and ')}`
}

/** What a trait is, in a sentence. */
export function traitWords(t: Pick<NewTrait, 'definition' | 'sql'>, names?: ReadonlyMap<string, string>): string {
  if (t.sql) return `By SQL, every ${t.sql.every}`
  if (!t.definition) return ''
  const { of, aggregate, field, where, window } = t.definition
  const how = aggregates.find(([name]) => name === aggregate)?.[1] ?? aggregate
  const text = `${how} ${aggregate === 'count' ? '' : `${field ? fieldInWords(field) : '?'} of `}${of}${whereWords(where, names)}${within(window)}`
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** How often something was done, as a phrase. */
export function timesWords({ at_least: least, at_most: most }: Pick<Deed, 'at_least' | 'at_most'>): string {
  if (most === 0) return 'no'
  if (least !== undefined && most !== undefined) return least === most ? `exactly ${count(least)}` : `${count(least)} to ${count(most)}`
  return least !== undefined ? `at least ${count(least)}` : most !== undefined ? `at most ${count(most)}` : 'any'
}

/** A rule in words; parts of parts stand in brackets. */
export function ruleWords(r: AudienceRule, names?: ReadonlyMap<string, string>, inner = false): string {
  const joined = (rules: readonly AudienceRule[], word: string) => {
    const text = rules.map((part) => ruleWords(part, names, true)).join(` ${word} `)
    return inner && rules.length > 1 ? `(${text})` : text
  }
  if (r.all) return joined(r.all, 'and')
  if (r.any) return joined(r.any, 'or')
  if (r.not) return `not ${r.not.trait || r.not.did ? ruleWords(r.not, names, true) : `(${ruleWords(r.not, names)})`}`
  if (r.trait) {
    const word = traitOps.find(([op]) => op === r.trait?.op)?.[1] ?? r.trait.op
    return `${r.trait.key} ${word}${r.trait.values?.length ? ` ${r.trait.values.join(' or ')}` : ''}`
  }
  if (r.did) return `had ${timesWords(r.did)} ${(r.did.at_most ?? r.did.at_least) === 1 ? r.did.of.slice(0, -1) : r.did.of}${whereWords(r.did.where, names)}${within(r.did.window)}`
  return '…'
}

/** How far something computed is, as a phrase. */
export function statusWords(s: ComputedStatus): string {
  switch (s.state) {
    case 'Preparing': return 'waiting to be computed'
    case 'Computing': return s.pass ? `computing: ${count(s.pass.looked)} of ${plural(s.pass.total, 'id')}` : 'computing'
    case 'Live': return 'live'
    case 'Disabled': return 'off'
    case 'Failed': return `failed: ${s.reason ?? 'no reason given'}`
  }
}

/** A key out of a name: what code reads, so short and plain. */
export function keyOf(name: string): string {
  return name.toLowerCase().normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll(/[^a-z0-9]+/g, '_').replace(/^[^a-z]+/, '').replace(/_+$/, '').slice(0, 64)
}
