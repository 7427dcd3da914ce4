import type { Journey } from '../../api/types'

/** What became of a call, in words for the engineer who asks. */
export const outcomes: Record<Journey['status'], { title: string; text: string; mark: 'good' | 'warn' | 'bad' | '' }> = {
  stored: { title: 'Stored', text: 'The call is an event and in every figure.', mark: 'good' },
  duplicate: { title: 'Stored, and sent more than once', text: 'The first one is an event; copies of it changed nothing.', mark: 'good' },
  quarantined: { title: 'Held back', text: 'A plan holds the call in quarantine. It is in no figure, and nothing of it is lost.', mark: 'warn' },
  rejected: { title: 'Refused', text: 'The door refused the call and told the client why. It cannot be replayed: mend the client.', mark: 'bad' },
  pending: { title: 'Accepted', text: 'The call is on disk and becomes an event in a moment.', mark: '' },
  unknown: { title: 'Not known', text: 'No call with this id has come in; or it was refused or given up long ago and is forgotten.', mark: '' },
}

export const stepNames: Record<Journey['steps'][number]['step'], string> = {
  accepted: 'Accepted', redacted: 'Redacted', mapped: 'Mapped', checked: 'Checked by the plan', identified: 'Identified', stored: 'Stored', delivered: 'Delivered',
}

/** The conversation that the row of a call belongs to, as a step's payload says. */
export function conversationOf(journey: Journey): string | undefined {
  for (const { payload } of journey.steps) {
    const id = typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>).conversation_id : undefined
    if (typeof id === 'string' && id && journey.steps.some((s) => s.step === 'stored' && s.state === 'done')) return id
  }
  return undefined
}

/** The name of the event as sent; the call type of calls without. */
export function eventOf(journey: Journey): string | undefined {
  const sent = journey.steps.find((s) => s.step === 'redacted')?.payload
  const { event, type } = (typeof sent === 'object' && sent !== null ? sent : {}) as Record<string, unknown>
  return typeof event === 'string' && event ? event : typeof type === 'string' ? type : undefined
}
