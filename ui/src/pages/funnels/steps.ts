import type { Conversion } from '../../api/types'
import { type Filter, parseFilter } from '../../state/filter'
import type { Funnel } from '../../state/funnel'

/** The conditions with one put in the place of another; null takes it away. */
export function withCondition(conditions: readonly Filter[], n: number, f: Filter | null): Filter[] {
  const next = [...conditions]
  next.splice(n, 1, ...(f ? [f] : []))
  return next
}

/** The funnel with the goal as its last step. */
export function toGoal(funnel: Funnel, goal: Pick<Conversion, 'name' | 'events' | 'where'>): Funnel {
  const conditions = [
    goal.events.length > 0 ? { field: 'source_event', op: 'eq' as const, values: [...goal.events], not: false } : { field: 'kind', op: 'eq' as const, values: ['conversion'], not: false },
    ...goal.where.map(parseFilter).filter((f) => f !== null),
  ]
  const keep = funnel.steps.slice(0, Math.max(1, funnel.steps.length - 1))
  return { ...funnel, steps: [...keep, { name: goal.name, conditions }] }
}
