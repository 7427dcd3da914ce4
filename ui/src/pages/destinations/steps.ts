import type { Deliveries, DestinationHealth } from '../../api/types'

/** A step of deliveries with how many calls took it. */
export interface Step {
  name: string
  title: string
  says: string
  count: number
  hours: readonly number[] // by the hour, the oldest first; empty for what is now
  end: 'on' | 'out' | 'done' | 'wait' | 'lost'
}

const hour = 3_600_000

/** What became of calls at a destination, in the order in which it happens. */
export function stepsOf(d: Deliveries, health: DestinationHealth, hours: number, now: number): Step[] {
  const total = (step: string) => d.totals.filter((t) => t.step === step).reduce((n, t) => n + t.count, 0)
  const begin = Math.floor(now / hour) - hours + 1
  const series = (step: string) => {
    const list = new Array<number>(hours).fill(0)
    for (const h of d.hours) {
      const at = Math.floor(Date.parse(h.at) / hour) - begin
      if (h.step === step && at >= 0 && at < hours) list[at] = (list[at] ?? 0) + h.count
    }
    return list
  }
  const of = (name: string, title: string, says: string, end: Step['end']): Step => ({ name, title, says, end, count: total(name), hours: series(name) })
  return [
    of('received', 'Received', 'read for this destination', 'on'),
    of('filtered', 'Filtered', 'not of its kind, or the filter says no', 'out'),
    of('duplicate', 'Repeated', 'sent twice by a client, handed on once', 'out'),
    of('dropped', 'Dropped', 'by a function', 'out'),
    of('delivered', 'Delivered', 'the place took them', 'done'),
    { name: 'waiting', title: 'Waiting now', says: 'for their turn or another try', end: 'wait', count: Math.max(health.waiting, health.in_hand), hours: [] },
    of('discarded', 'Given up', 'kept as dead letters', 'lost'),
    ...(total('lost') > 0 ? [of('lost', 'Lost', 'their log had reached its size while they waited', 'lost')] : []),
  ]
}

/** Codes of a step with their counts, the most frequent first. */
export function codesOf(d: Deliveries, step: string): { code: string; count: number }[] {
  return d.totals.filter((t) => t.step === step && t.count > 0).map(({ code, count }) => ({ code, count })).sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))
}

const known: Record<string, string> = {
  unknown_host: 'its name does not resolve', timeout: 'no answer in time', unreachable: 'nobody answers there', error: 'the attempt failed',
  gave_up: 'tried in vain as long as it may be', mapping: 'the mapping could make nothing of it', invalid_call: 'the call cannot be read',
  '401': 'credentials refused', '403': 'not allowed', '404': 'nothing is at this address', '410': 'gone',
  '413': 'too large', '429': 'too many requests', '400': 'the place does not accept the call', '500': 'an error of the place', '502': 'a gateway had no answer',
  '503': 'unavailable for now', '504': 'a gateway waited in vain',
}

/** What a code of a failure means, or '' where it speaks for itself. */
export function codeWords(code: string): string {
  return known[code] ?? (/^5\d\d$/.test(code) ? 'an error of the place' : /^4\d\d$/.test(code) ? 'the place refused the call' : '')
}

/** How a destination is doing, in a word and for colour. */
export function stateOf(h: DestinationHealth): { word: string; tone: '' | 'good' | 'warn' | 'bad'; says: string } {
  switch (h.state) {
    case 'paused': return { word: 'paused', tone: '', says: 'Nothing is sent; calls wait until it is resumed.' }
    case 'invalid': return { word: 'not usable', tone: 'bad', says: h.problem }
    case 'down': return { word: 'down', tone: 'bad', says: 'The place does not take calls. They wait, and one is tried now and then.' }
    case 'working':
      if (h.catching_up) return { word: 'catching up', tone: 'warn', says: 'It is far behind, and reads stored calls until it is up to date.' }
      return h.waiting > 0 ? { word: 'retrying', tone: 'warn', says: 'Some calls failed and are tried again.' } : { word: 'working', tone: 'good', says: 'Calls are handed on as they come.' }
  }
}
