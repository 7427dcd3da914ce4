import type { Event, Repair } from '../api/types'

/** What the trace or the session of a call told about it. It is no fault of the client. */
const ofTraces: readonly string[] = ['from_trace', 'merged_message', 'linked_conversation', 'withdrawn_rating']

export const ofTrace = (code: string) => ofTraces.includes(code)

/** The repairs of an event that a client can mend. */
export const faults = (event: Pick<Event, 'repairs'>): Repair[] => (event.repairs ?? []).filter((r) => !ofTrace(r.code))

/** The fields of an event that were filled in from its trace, by name. */
export const filledIn = (event: Pick<Event, 'repairs'>): string[] =>
  (event.repairs ?? []).filter((r) => r.code === 'from_trace').map((r) => (r.from ?? '').split('=')[0] ?? '')
