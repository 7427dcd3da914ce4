import { newID } from './id'
import type { Store } from './store'

const idle = 30 * 60_000 // milliseconds without a command that end a session

/** Who uses the page, and the visit. The names are those of the stored text. */
export interface Person {
  anonymous: string
  user: string | null
  session: string
  /** When the session began, and when it ends unless something happens; milliseconds. */
  start: number
  end: number
}

/** Remembers the person. All tabs share it: it is read again for each command. */
export class Identity {
  constructor(private _store: Store) {}

  /** The person, in a session that goes on from now. */
  _now(): Person {
    const now = Date.now()
    const person = this._read() ?? { anonymous: newID(), user: null, session: '', start: 0, end: 0 }
    if (now > person.end) {
      person.session = newID()
      person.start = now
    }
    person.end = now + idle
    return this._keep(person)
  }

  /** Makes id the user. Of two users on one browser the second gets an anonymous id of its own: what the
   *  first did without a name is not the second's. */
  _identify(id: string): Person {
    const person = this._now()
    if (person.user !== null && person.user !== id) person.anonymous = newID()
    person.user = id
    return this._keep(person)
  }

  /** Forgets the person and the session. */
  _reset(): void {
    this._store._remove('who')
    this._now()
  }

  private _read(): Person | null {
    try {
      const person = JSON.parse(this._store._get('who') ?? 'null') as Person | null
      return person && typeof person.anonymous === 'string' && person.anonymous ? person : null
    } catch {
      return null
    }
  }

  private _keep(person: Person): Person {
    this._store._set('who', JSON.stringify(person))
    return person
  }
}
