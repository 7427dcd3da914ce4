import type { Identifier, IdentityRules, IdentityRulesStatus } from '../../api/types'

/** The rules as they are written: without how far people are by them. */
function body({ waiting: _, rows: __, total: ___, ...rules }: IdentityRulesStatus): IdentityRules {
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
