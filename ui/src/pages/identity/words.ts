import type { Decision, Identifier, IdentityFlagReason, IdentityLink, RefusedLink, SeenIdentifier } from '../../api/types'

const types: Record<string, string> = { user_id: 'user id', anonymous_id: 'anonymous id', email: 'email' }

/** What people call a type of ids; types that clients name stay as they are. */
export const typeLabel = (type: string): string => types[type] ?? type

/** "2 user ids". */
export const manyOf = (n: number, type: string): string => `${n} ${typeLabel(type)}${n === 1 || !(type in types) ? '' : 's'}`

export const same = (a: Identifier, b: Identifier): boolean => a.type === b.type && a.value === b.value

/** Why two ids are linked, as a phrase. */
export function why(link: IdentityLink, decisions: readonly Decision[]): string {
  if (link.decision) {
    const by = decisions.find((d) => d.id === link.id)?.by
    return by ? `${by} decided that they are one person` : 'somebody decided that they are one person'
  }
  if (link.alias) return 'an alias call said that they are one person'
  return link.merge ? 'one call carried both; until then they were two people' : 'one call carried both'
}

/** Why a claim links nothing. */
export function refusal(link: RefusedLink): string {
  const limited = link.type ? typeLabel(link.type) : 'such id'
  const reasons: Record<RefusedLink['reason'], string> = {
    limit: `the person would have had more of “${limited}” than the rules allow`,
    cap: 'the person would have had more ids than one person can have',
    apart: 'somebody decided that they stay apart',
    blocked: 'one of the ids is blocked: it names nobody',
    flagged: 'one of the ids looks hard-coded',
    shared: 'one of the ids is shared by several people',
    detached: 'one of the ids was detached by hand',
  }
  return reasons[link.reason]
}

/** What is odd about an id, in two words and in one sentence; null for one that links. */
export function oddity(state: SeenIdentifier['state']): { label: string; meaning: string } | null {
  switch (state) {
    case 'blocked': return { label: 'blocked', meaning: 'The rules block this value: it names nobody, so it links nothing.' }
    case 'flagged': return { label: 'looks hard-coded', meaning: 'Too many others came with it on a day: more likely a constant in a program than a person. It links nothing.' }
    case 'shared': return { label: 'shared', meaning: 'It came with ids of several people, as a device that several use. It links nothing.' }
    case 'detached': return { label: 'detached', meaning: 'Somebody decided that it names nobody else. It links nothing.' }
    default: return null
  }
}

/** What was seen of an id that is flagged. */
export function evidence(flag: IdentityFlagReason): string {
  return flag.with
    ? `came with ${manyOf(flag.count, flag.with)} that were new on one day; ${flag.most} are usual`
    : `came with ${flag.count} other ids; at most ${flag.most} are one person’s`
}

/** A decision as a sentence without its time. */
export function decided(d: Decision): string {
  const by = d.by || 'Somebody'
  switch (d.kind) {
    case 'merge': return `${by} merged ${d.a?.value ?? '?'} and ${d.b?.value ?? '?'}`
    case 'detach': return `${by} detached ${d.a?.value ?? '?'}`
    case 'undo': return d.undoes ? `${by} took a decision back` : `${by} took back what a call had linked`
  }
}
