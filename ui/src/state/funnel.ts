import { type Filter, parseFilter, phrase, writeFilter } from './filter'

/** One step of a funnel: conditions on events. A field that begins with "conversation." is a fact of the
 *  conversation. Without conditions every event will do. */
export interface Step {
  name: string
  conditions: Filter[]
}

/** What a funnel is, whatever it is asked of. */
export interface Funnel {
  steps: Step[]
  person: boolean
  ordered: boolean
  window: string // as the API has it: 24h; '' for none
}

export const maxSteps = 10
export const factPrefix = 'conversation.'

/** Reads a funnel from the parameters that the API knows it by; null if there is no step. */
export function parseFunnel(text: string): Funnel | null {
  const params = new URLSearchParams(text)
  const steps: Step[] = []
  for (let i = 1; i <= maxSteps && params.has(`step${i}`); i++) {
    steps.push({
      name: params.get(`name${i}`) ?? '',
      conditions: params.getAll(`step${i}`).map(parseFilter).filter((f) => f !== null),
    })
  }
  if (steps.length === 0) return null
  return { steps, person: params.get('per') === 'person', ordered: params.get('ordered') !== 'false', window: params.get('window') ?? '' }
}

/** The parameters of a funnel, for the API. */
export function funnelParams(f: Funnel): Record<string, string | string[] | undefined> {
  const out: Record<string, string | string[] | undefined> = {
    per: f.person ? 'person' : undefined, window: f.window || undefined, ordered: f.ordered ? undefined : 'false',
  }
  f.steps.forEach((step, i) => {
    out[`step${i + 1}`] = step.conditions.length > 0 ? step.conditions.map(writeFilter) : ['*']
    if (step.name) out[`name${i + 1}`] = step.name
  })
  return out
}

/** Writes a funnel as parseFunnel reads it. */
export function writeFunnel(f: Funnel): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(funnelParams(f))) {
    if (value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) params.append(key, one)
  }
  return params.toString()
}

/** The value of the parameter "funnel" of lists: what a step counts, or what drops out before it. */
export const funnelPart = (f: Funnel, step: number, what: 'reached' | 'dropped') => `${what}:${step}?${writeFunnel(f)}`

/** Words for a step. */
export function stepTitle(step: Step): string {
  if (step.name) return step.name
  if (step.conditions.length === 0) return 'Any event'
  return step.conditions.map((c) => {
    const p = phrase({ ...c, field: c.field.replace(factPrefix, '') })
    return `${p.field} ${p.word} ${p.value}`.trim()
  }).join(', ')
}

/** Words for what a part of a funnel selects. */
export function partPhrase(part: string): { field: string; word: string; value: string } {
  const cut = part.indexOf('?')
  const [what, n] = part.slice(0, cut).split(':')
  const f = parseFunnel(part.slice(cut + 1))
  const step = f?.steps[Number(n) - 1]
  return { field: 'Funnel', word: what === 'dropped' ? 'dropped before' : 'reached', value: step ? `${n}. ${stepTitle(step)}` : '?' }
}
