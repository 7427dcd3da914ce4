import type { AudienceRule } from '../../api/types'
import { parseFilter } from '../../state/filter'

/** How the parts of a group are joined. */
export type Mode = 'all' | 'any' | 'none'

/** How a rule joins its parts; null for a single condition. A "not" of anything is a "none of". */
export function modeOf(r: AudienceRule): Mode | null {
  return r.all ? 'all' : r.any ? 'any' : r.not ? 'none' : null
}

/** The parts of a group. */
export function partsOf(r: AudienceRule): AudienceRule[] {
  return r.all ?? r.any ?? (r.not ? (r.not.any ?? [r.not]) : [])
}

export function group(mode: Mode, parts: AudienceRule[]): AudienceRule {
  return mode === 'all' ? { all: parts } : mode === 'any' ? { any: parts } : { not: { any: parts } }
}

/** The rule as a group, which the editor begins with. */
export const grouped = (r: AudienceRule): AudienceRule => (modeOf(r) ? r : { all: [r] })

export const withPart = (r: AudienceRule, i: number, part: AudienceRule | null): AudienceRule => {
  const parts = [...partsOf(r)]
  parts.splice(i, 1, ...(part ? [part] : []))
  return group(modeOf(r) ?? 'all', parts)
}

/** Whether a condition of rows says enough to be asked. */
export function saysEnough(where: string): boolean {
  const f = parseFilter(where)
  return f !== null && !f.field.endsWith('.') && (f.op === 'exists' || (f.values[0] ?? '') !== '')
}

/** The traits that a rule looks at, each once. */
export const keysOf = (r: AudienceRule): string[] => [...new Set(r.trait ? [r.trait.key] : partsOf(r).flatMap(keysOf))]

/** The rule without what is not filled in yet; null if nothing is left. */
export function completed(r: AudienceRule): AudienceRule | null {
  const mode = modeOf(r)
  if (mode) {
    const parts = partsOf(r).map(completed).filter((part) => part !== null)
    return parts.length > 0 ? group(mode, parts) : null
  }
  if (r.trait) {
    const valued = r.trait.op === 'exists' || r.trait.op === 'absent'
    const values = (r.trait.values ?? []).filter((v) => v !== '')
    return r.trait.key === '' || (!valued && values.length === 0) ? null : { trait: { key: r.trait.key, op: r.trait.op, ...(valued ? {} : { values }) } }
  }
  if (r.did) {
    const where = (r.did.where ?? []).filter(saysEnough)
    const { window, ...deed } = r.did
    return deed.of === 'events' && where.length === 0 ? null : { did: { ...deed, where, ...(window ? { window } : {}) } }
  }
  return null
}
