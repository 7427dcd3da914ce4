// The tag: takes the place of the stub that a page's snippet made, carries out what the stub has queued,
// and then every command as it comes.

import { Client } from './client'
import { Refusal } from './refusal'
import { version } from './version'

/** A command as the stubs in the wild queue it: with the ends of its promise, or the bare arguments. */
type Queued = Promised | ArrayLike<unknown>

interface Promised {
  v: 1
  args: ArrayLike<unknown>
  ok?: (result: unknown) => void
  ko?: (reason: unknown) => void
}

/** The function that a page calls. */
interface Command {
  (...args: unknown[]): Promise<unknown>
  q: Queued[]
  /** Says that this function is the tag and no stub. */
  __debrief: string
}

function install(): void {
  const globals = window as unknown as Record<string, unknown>
  const name = String(globals['ScreebObject'] || '$screeb')
  const stub = globals[name] as Partial<Command> | undefined
  if (stub?.__debrief) return // loaded twice

  const script = document.currentScript ?? document.getElementById(name)
  if (!(script instanceof HTMLScriptElement) || !script.src) {
    console.error('The tag cannot tell where it was loaded from: load it by <script src>.')
    return
  }
  const client = new Client(baseOf(script.src))
  const run = (args: ArrayLike<unknown>): Promise<unknown> => {
    const done = new Promise((resolve) => resolve(client._run(Array.from(args))))
    done.catch((reason: unknown) => console.debug(String(reason)))
    return done
  }
  const take = (...items: Queued[]): number => {
    for (const item of items) {
      if ('v' in Object(item)) void run((item as Promised).args).then((item as Promised).ok, (item as Promised).ko).catch(() => {})
      else void run(item as ArrayLike<unknown>)
    }
    return 0
  }
  const command = ((...args: unknown[]) => run(args)) as Command
  command.__debrief = version
  // Who kept the stub or its queue goes on pushing there.
  const queue = stub?.q ?? []
  const waiting = queue.splice(0)
  queue.push = take
  command.q = queue
  globals[name] = command

  // A page that does not look at the result of a command shall see no unhandledrejection. Of a promise
  // that the stub made we hold only the ends. Browsers fire none for an Error of a script from another
  // origin, which is why a Refusal is one; where the tag is of the page's own origin, this listener helps.
  window.addEventListener('unhandledrejection', (event) => {
    if (event.reason instanceof Refusal) {
      event.preventDefault()
      event.stopImmediatePropagation()
    }
  }, true)
  take(...waiting)
}

/** Where to send: what stands before the tag's own name in its address. */
function baseOf(src: string): string {
  const url = new URL(src)
  return url.origin + url.pathname.replace(/(\/screeb)?\/[^/]*$/, '')
}

install()
