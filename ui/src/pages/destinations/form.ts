import type { Destination, DestinationChange, DestinationCondition, DestinationDraft, DestinationFilter, DestinationKind, DestinationPreview, NewDestination } from '../../api/types'

/** A destination as its form holds it. */
export interface Draft {
  name: string
  settings: Record<string, string> // those that are no secrets
  secrets: Record<string, string> // those typed anew; what is absent is kept, '' is removed
  sources: readonly string[]
  types: readonly string[] // none: all
  events: string // one a line
  except: string
  where: readonly DestinationCondition[]
  functions: readonly string[]
  mapping: string // '': the default of the kind
  retryHours: string
}

/** The source of calls that tell of changes of traits and audiences. */
export const computedSource = { id: 'computed', name: 'Changes of traits and audiences' }

/** The operators of conditions, in words. */
export const operators: readonly (readonly [DestinationCondition['is'], string])[] = [
  ['equals', 'is'], ['not_equals', 'is not'], ['one_of', 'is one of'], ['exists', 'is there'], ['not_exists', 'is not there'], ['contains', 'contains'],
  ['not_contains', 'does not contain'], ['starts_with', 'begins with'], ['ends_with', 'ends with'], ['less', '<'], ['at_most', '≤'], ['greater', '>'], ['at_least', '≥'],
]

/** Whether an operator compares with a value. */
export const takesValue = (is: DestinationCondition['is']) => is !== 'exists' && is !== 'not_exists'

/** The form of a destination, or of a new one. */
export function draftOf(kind: DestinationKind, d?: Destination): Draft {
  const filter = d?.filter ?? {}
  return {
    name: d?.name ?? '',
    settings: Object.fromEntries(kind.settings.filter((s) => !s.secret).map((s) => [s.key, d?.settings[s.key] ?? s.default])),
    secrets: {},
    sources: filter.sources ?? [],
    types: filter.types ?? [],
    events: (filter.events ?? []).join('\n'),
    except: (filter.except ?? []).join('\n'),
    where: filter.where ?? [],
    functions: d?.functions ?? [],
    mapping: d?.mapping === undefined ? '' : JSON.stringify(d.mapping, null, 2),
    retryHours: d?.retry_hours ? String(d.retry_hours) : '',
  }
}

/** The lines of a text that say something. */
export const linesOf = (text: string) => text.split('\n').map((l) => l.trim()).filter(Boolean)

/** What a draft lets through; parts that say nothing are left out. */
export function filterOf(draft: Draft): DestinationFilter {
  const parts = {
    sources: [...draft.sources], types: [...draft.types], events: linesOf(draft.events), except: linesOf(draft.except),
    where: draft.where.filter((c) => c.path.trim()).map(conditionOf),
  }
  return Object.fromEntries(Object.entries(parts).filter(([, list]) => list.length > 0))
}

function conditionOf(c: DestinationCondition): DestinationCondition {
  const path = c.path.trim()
  if (!takesValue(c.is)) return { path, is: c.is }
  if (c.is === 'one_of') return { path, is: c.is, any: (c.any ?? []).map((v) => v.trim()).filter(Boolean) }
  return { path, is: c.is, value: c.value ?? '' }
}

/** What is wrong with the text of a mapping, or ''. The server knows more. */
export function mappingFault(text: string): string {
  if (!text.trim()) return ''
  try {
    JSON.parse(text)
    return ''
  } catch (e) {
    return e instanceof Error ? e.message : String(e)
  }
}

/** The body that sets a destination up. */
export function newBody(kind: DestinationKind, draft: Draft): NewDestination {
  const { mapping, ...rest } = changeBody(draft)
  return { ...rest, ...(mapping === null ? {} : { mapping }), name: draft.name.trim(), kind: kind.name, settings: { ...draft.settings, ...draft.secrets } }
}

/** The body that changes a destination: secrets that were not typed are not named, so that they stay. */
export function changeBody(draft: Draft): DestinationChange {
  return {
    name: draft.name.trim(),
    settings: { ...draft.settings, ...draft.secrets },
    filter: filterOf(draft),
    functions: [...draft.functions],
    mapping: draft.mapping.trim() ? (JSON.parse(draft.mapping) as unknown) : null,
    retry_hours: Number(draft.retryHours) || 0,
  }
}

/** The body that asks the place of a form; what is not said is that of the destination, secrets above all. */
export function tryBody(kind: DestinationKind, draft: Draft, d?: Destination): DestinationDraft {
  return { ...(d ? { destination: d.id } : { kind: kind.name }), settings: { ...draft.settings, ...draft.secrets } }
}

/** The body that asks what would be sent by a form, but for the calls. */
export function previewBody(kind: DestinationKind, draft: Draft, d?: Destination): DestinationPreview {
  const { filter, functions, mapping } = changeBody(draft)
  return { ...tryBody(kind, draft, d), filter, functions, mapping }
}

/** A filter as a sentence. */
export function filterWords(f: DestinationFilter, sourceName: (id: string) => string = (id) => id): string {
  const parts = [
    f.types?.length ? `${f.types.join(', ')} calls` : 'all calls that its kind takes',
    f.events?.length ? `named ${f.events.join(' or ')}` : '',
    f.except?.length ? `but not ${f.except.join(' or ')}` : '',
    f.sources?.length ? `from ${f.sources.map(sourceName).join(' or ')}` : '',
    f.where?.length ? `where ${f.where.map(conditionWords).join(' and ')}` : '',
  ]
  return parts.filter(Boolean).join(', ')
}

function conditionWords(c: DestinationCondition): string {
  const word = operators.find(([is]) => is === c.is)?.[1] ?? c.is
  const value = c.is === 'one_of' ? (c.any ?? []).join(', ') : (c.value ?? '')
  return takesValue(c.is) ? `${c.path} ${word} ${value || '(empty)'}` : `${c.path} ${word}`
}
