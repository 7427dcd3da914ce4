import type { Enforcement, PlanAction } from '../../api/types'

export type CallType = 'track' | 'identify' | 'group' | 'page' | 'screen'
export type Control = 'unplanned_events' | 'unplanned_properties' | 'violations' | 'common'

export const callTypes: readonly CallType[] = ['track', 'identify', 'group', 'page', 'screen']

export const controls: readonly { control: Control; title: string; of: string }[] = [
  { control: 'unplanned_events', title: 'Unplanned events', of: 'calls of events that the plan has not' },
  { control: 'unplanned_properties', title: 'Unplanned properties', of: 'calls with properties that their event does not name' },
  { control: 'violations', title: 'Violations', of: 'calls that break a rule of their event' },
  { control: 'common', title: 'Common rule', of: 'calls that break the rule of every call' },
]

/** What can be done with a call; the hardest that any violation asks for wins. */
export const actions: readonly { action: PlanAction; title: string; does: string }[] = [
  { action: 'allow', title: 'Allow', does: 'are stored as they are' },
  { action: 'omit', title: 'Omit', does: 'are stored without the offending part' },
  { action: 'quarantine', title: 'Quarantine', does: 'are held back until you mend the plan or the client and replay them' },
  { action: 'block', title: 'Block', does: 'are held back, and not expected again' },
]

export const actionOf = (e: Enforcement, type: CallType, control: Control): PlanAction => e[type]?.[control] ?? 'allow'

/** The enforcement with one control set; what is allowed is not written. */
export function withAction(e: Enforcement, type: CallType, control: Control, action: PlanAction): Enforcement {
  const { [control]: _, ...others } = e[type] ?? {}
  const all = action === 'allow' ? others : { ...others, [control]: action }
  const { [type]: __, ...rest } = e
  return Object.keys(all).length === 0 ? rest : { ...rest, [type]: all }
}

/** What will happen to calls that deviate, in one sentence. */
export function consequence(e: Enforcement, names: ReadonlyMap<string, string> = new Map()): string {
  const by = new Map<PlanAction, string[]>()
  for (const type of callTypes) {
    for (const { control, title } of controls) {
      const action = actionOf(e, type, control)
      if (action === 'allow') continue
      by.set(action, [...(by.get(action) ?? []), `${title.toLowerCase()} of ${type} calls`])
    }
  }
  const parts = actions.filter(({ action }) => by.has(action)).map(({ action, does }) => `${joined(by.get(action) ?? [])} ${does}`)
  const others = by.size === 0 ? 'Every call is stored as it is, and deviations are counted' : `${capital(parts.join('; '))}; everything else is stored, and deviations are counted`
  return [
    others,
    e.strict ? ', repairs among them' : '',
    e.forward_violations_to ? `; each violation is also sent to ${names.get(e.forward_violations_to) ?? e.forward_violations_to}` : '',
    e.forward_blocked_to ? `; blocked calls go to ${names.get(e.forward_blocked_to) ?? e.forward_blocked_to}` : '',
  ].join('') + '.'
}

const joined = (list: readonly string[]) => (list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`)
const capital = (text: string) => (text[0] ?? '').toUpperCase() + text.slice(1)
