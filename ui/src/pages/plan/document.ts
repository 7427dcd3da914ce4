import type { Plan } from '../../api/types'

/** An event of a plan as people read it. */
export interface PlannedEvent {
  type: string
  name: string
  version?: number
  description?: string
  deprecated: boolean
  aliases: string[]
  labels: [string, string][]
  ratingScale?: string
  properties: Property[]
  open: boolean // further properties are welcome
  call: Property[] // rules on the call as a whole
}

/** A property of an event: its path, and what its rule says. */
export interface Property {
  path: string
  type: string
  required: boolean
  rules: string[]
  description?: string
}

type Json = Record<string, unknown>

const object = (v: unknown): Json | undefined => (typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Json) : undefined)
const text = (v: unknown): string | undefined => (typeof v === 'string' && v !== '' ? v : undefined)
const list = (v: unknown): unknown[] => (Array.isArray(v) ? v : [])

/** The events of a plan, in its order. */
export function eventsOf(plan: Pick<Plan, 'document'>): PlannedEvent[] {
  const document = plan.document as Json
  const defs = object(document.$defs) ?? {}
  return list(document.events).map((raw) => {
    const e = object(raw) ?? {}
    const type = text(e.type) ?? 'track'
    const schema = object(e.schema)
    return {
      type, name: text(e.name) ?? type, version: typeof e.version === 'number' ? e.version : undefined,
      description: text(e.description), deprecated: e.deprecated === true || text(e.deprecated) !== undefined,
      aliases: list(e.aliases).filter((a) => typeof a === 'string'),
      labels: Object.entries(object(e.labels) ?? {}).map(([k, v]) => [k, String(v)]),
      ratingScale: text(e.rating_scale),
      properties: propertiesOf(schema, defs), open: isOpen(schema), call: propertiesOf(object(e.call), defs),
    }
  })
}

/** The rules of every call, whatever its type. */
export const commonOf = (plan: Pick<Plan, 'document'>): Property[] => {
  const document = plan.document as Json
  return propertiesOf(object(document.common), object(document.$defs) ?? {})
}

export const extendsOf = (plan: Pick<Plan, 'document'>): string[] => list((plan.document as Json).extends).filter((n) => typeof n === 'string')

function isOpen(schema: Json | undefined): boolean {
  if (!schema || !schema.properties) return true
  return schema.additionalProperties !== undefined && schema.additionalProperties !== false
}

const deepest = 5

/** The properties that a schema names, those inside objects and lists after their parent. */
export function propertiesOf(schema: Json | undefined, defs: Json, prefix = '', depth = 0): Property[] {
  if (!schema || depth > deepest) return []
  const whole = merged(schema, defs)
  const required = new Set(list(whole.required))
  return Object.entries(object(whole.properties) ?? {}).flatMap(([name, raw]) => {
    const rule = merged(object(raw) ?? {}, defs)
    const path = prefix + name
    const items = object(rule.items)
    return [
      { path, type: typeOf(rule, defs), required: required.has(name), rules: rulesOf(rule), description: text(rule.description) },
      ...propertiesOf(rule, defs, `${path}.`, depth + 1),
      ...(items ? propertiesOf(items, defs, `${path}[].`, depth + 1) : []),
    ]
  })
}

/** A schema with what it refers to and all of allOf put in. */
function merged(schema: Json, defs: Json, depth = 0): Json {
  const ref = text(schema.$ref)?.match(/^#\/\$defs\/(.+)$/)?.[1]
  const parts = [ref === undefined ? undefined : object(defs[ref]), ...list(schema.allOf).map(object)].filter((p) => p !== undefined)
  if (parts.length === 0 || depth > deepest) return schema
  return [...parts.map((p) => merged(p, defs, depth + 1)), schema].reduce((a, b) => ({
    ...a, ...b,
    properties: { ...object(a.properties), ...object(b.properties) },
    required: [...list(a.required), ...list(b.required)],
  }), {})
}

function typeOf(rule: Json, defs: Json): string {
  if (rule.const !== undefined) return 'constant'
  const types = list(rule.type).length > 0 ? list(rule.type).join(' or ') : text(rule.type)
  const items = object(rule.items)
  if (types === 'array' && items) return `array of ${typeOf(merged(items, defs), defs)}`
  const forms = [...list(rule.anyOf), ...list(rule.oneOf)].map((f) => typeOf(merged(object(f) ?? {}, defs), defs))
  return types ?? (forms.length > 0 ? [...new Set(forms)].join(' or ') : list(rule.enum).length > 0 ? 'enum' : 'any')
}

const show = (v: unknown) => (typeof v === 'string' ? v : JSON.stringify(v))

const bounds: readonly [string, string][] = [
  ['minimum', '≥'], ['exclusiveMinimum', '>'], ['maximum', '≤'], ['exclusiveMaximum', '<'],
  ['minLength', 'at least'], ['maxLength', 'at most'], ['minItems', 'at least'], ['maxItems', 'at most'],
]

/** What a rule demands besides the type, in short phrases. */
function rulesOf(rule: Json): string[] {
  const out: string[] = []
  if (rule.const !== undefined) out.push(`= ${show(rule.const)}`)
  if (list(rule.enum).length > 0) out.push(`one of ${list(rule.enum).map(show).join(', ')}`)
  for (const [key, word] of bounds) {
    const limit = rule[key]
    if (typeof limit !== 'number') continue
    if (key === 'minLength' && limit === 1) out.push('not empty')
    else out.push(`${word} ${limit}${key.endsWith('Length') ? ' characters' : key.endsWith('Items') ? ' items' : ''}`)
  }
  if (text(rule.pattern)) out.push(`matches ${String(rule.pattern)}`)
  if (text(rule.format)) out.push(String(rule.format))
  return out
}

/** The events in which the words occur: in their names, descriptions, aliases or properties. */
export function found(events: readonly PlannedEvent[], words: string): PlannedEvent[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  return events.filter((e) => {
    const all = [e.name, e.type, e.description, ...e.aliases, ...e.labels.flat(), ...e.properties.flatMap((p) => [p.path, p.description, ...p.rules])].join(' ').toLowerCase()
    return wanted.every((w) => all.includes(w))
  })
}
