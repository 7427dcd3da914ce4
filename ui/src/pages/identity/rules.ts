import type { Identifier, IdentityRules, IdentityRulesStatus } from '../../api/types'

/** The rules as they are written: without how far people are by them. */
export function body({ waiting: _, rows: __, total: ___, ...rules }: IdentityRulesStatus): IdentityRules {
  return rules
}

/** The rules with a value that names nobody. */
export function blocking(rules: IdentityRulesStatus, id: Identifier): IdentityRules {
  const pattern = id.value.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return { ...body(rules), blocked: [...(rules.blocked ?? []), pattern] }
}

/** The rules with an id that is somebody. */
export function trusting(rules: IdentityRulesStatus, id: Identifier): IdentityRules {
  return { ...body(rules), trusted: [...(rules.trusted ?? []), { type: id.type, value: id.value }] }
}

/** The patterns of a text: one a line. */
export const lines = (text: string): string[] => text.split('\n').map((l) => l.trim()).filter((l) => l !== '')

/** A list with one element at another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = list.filter((_, i) => i !== from)
  return [...rest.slice(0, to), ...list.slice(from, from + 1), ...rest.slice(to)]
}
