import { idOf, nameOf, propertiesOf, type Properties } from './check'
import { newID } from './id'
import { Identity, type Person } from './identity'
import { Outbox } from './outbox'
import { refuse } from './refusal'
import { Store } from './store'
import { version } from './version'

/** What init is told beside the website id. */
interface Options {
  identity?: { id?: unknown; properties?: unknown } | null
  hooks?: { onReady?: unknown } | null
  language?: unknown
  /** Ours: whether people without a user id are left out. Without it the source's setting holds. */
  ignoreAnonymous?: unknown
}

/** What is there between init and close. */
interface Running {
  _key: string
  _identity: Identity
  _outbox: Outbox
  _language: string | undefined
}

type Handler = (running: Running, ...args: unknown[]) => unknown

/** Carries out the commands of one page, one after the other. A result means: kept here, and sent as soon
 *  as the server can be reached. */
export class Client {
  private _running: Running | undefined
  private _outboxes = new Map<string, Outbox>()
  private _warned = new Set<string>()
  private _commands: Map<string, Handler>

  constructor(private _base: string) {
    const track: Handler = (r, name, properties) => this._track(r, nameOf('the name of an event', name), propertiesOf(properties))
    this._commands = new Map(Object.entries<Handler>({
      identity: (r, id, properties) => this._identify(r, idOf(id) ?? refuse('a user id is missing'), propertiesOf(properties)),
      'identity.properties': (r, properties) => this._identify(r, null, propertiesOf(properties)),
      'identity.group.assign': (r, type, id, properties) => {
        const { groupId, ...traits } = groupOf(type, id, properties)
        this._send(r, r._identity._now(), { type: 'group', groupId, traits })
      },
      'identity.group.unassign': (r, type, id, properties) => this._track(r, 'Group Unassigned', groupOf(type, id, properties)),
      'identity.reset': (r) => r._identity._reset(),
      'identity.get': (r) => describe(r),
      'event.track': track,
      'event.copilot': track,
      close: (r) => {
        r._outbox._flush()
        this._running = undefined
      },
      debug: (r) => console.log('Debrief', { ...describe(r), server: this._base, version, pending: r._outbox._pending }),
    }))
  }

  /** Carries out a command, or throws a Refusal. */
  _run(args: unknown[]): unknown {
    const [command, ...rest] = args
    if (typeof command !== 'string') refuse('the first argument must be the name of a command')
    if (command === 'init') return this._init(rest[0], rest[1])
    const handler = this._commands.get(command)
    if (handler) return handler(this._running ?? refuse(`${command}: call init first`), ...rest)
    if (/^client\./.test(command)) return undefined // how the npm package introduces itself
    if (!/^(survey|message|targeting|session-replay|device)\./.test(command)) refuse(`unknown command ${command}`)
    if (!this._warned.has(command)) console.warn(`Debrief does not do ${command}`)
    this._warned.add(command)
    return undefined
  }

  private _init(website: unknown, options: unknown): void {
    if (typeof website !== 'string' || website === '') refuse('init: the website id is missing')
    const { identity, hooks, language, ignoreAnonymous } = (propertiesOf(options) ?? {}) as Options
    const id = idOf(identity?.id)
    const properties = propertiesOf(identity?.properties)

    const store = new Store(`debrief:${website}:`)
    let outbox = this._outboxes.get(website)
    if (!outbox) {
      outbox = new Outbox(this._base, website, store, typeof ignoreAnonymous === 'boolean' ? ignoreAnonymous : undefined)
      this._outboxes.set(website, outbox)
    }
    const running = { _key: website, _identity: new Identity(store), _outbox: outbox, _language: typeof language === 'string' ? language : undefined }
    this._running = running
    running._identity._now()
    if (id !== null || properties) this._identify(running, id, properties)
    const ready = hooks?.onReady
    if (typeof ready === 'function') {
      void Promise.resolve(describe(running)).then((payload) => (ready as (payload: unknown) => unknown)(payload)).catch((e: unknown) => console.error(e))
    }
  }

  private _identify(r: Running, id: string | null, properties: Properties | undefined): void {
    const text = write(properties ?? {}) // before anything changes
    const person = id === null ? r._identity._now() : r._identity._identify(id)
    this._send(r, person, { type: 'identify', traits: JSON.parse(text) as unknown })
  }

  private _track(r: Running, event: string, properties: Properties | undefined): void {
    this._send(r, r._identity._now(), { type: 'track', event, properties: properties ?? {} })
  }

  /** Writes a message of Segment's shape. */
  private _send(r: Running, person: Person, call: Properties): void {
    const id = newID()
    const { href, pathname, search } = location
    const text = write({
      ...call,
      messageId: id,
      anonymousId: person.anonymous,
      userId: person.user ?? undefined,
      timestamp: new Date(),
      channel: 'web',
      context: {
        library: { name: 'debrief-screeb-tag', version },
        sessionId: person.session,
        locale: r._language ?? navigator.language,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        userAgent: navigator.userAgent,
        page: { url: href, path: pathname, search, title: document.title, referrer: document.referrer },
      },
    })
    r._outbox._put(id, text, person.user === null)
  }
}

/** The result of identity.get. */
function describe(r: Running): Properties {
  const { anonymous, user, session, start, end } = r._identity._now()
  return {
    channel_id: r._key, anonymous_id: anonymous, user_id: user, is_ready: true,
    session_id: session, session_start: new Date(start).toISOString(), session_end: new Date(end).toISOString(),
  }
}

/** A group: its id, and its type if it has one, beside its properties. */
function groupOf(type: unknown, id: unknown, properties: unknown): Properties {
  const group_type = type === null || type === undefined ? undefined : nameOf("a group's type", type)
  return { ...propertiesOf(properties), groupId: nameOf("a group's id", id), group_type }
}

/** JSON. Dates become ISO; what JSON does not know is left out; what goes round in circles is refused. */
function write(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return refuse('the properties cannot be written as JSON')
  }
}
