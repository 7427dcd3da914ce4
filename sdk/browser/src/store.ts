/** What outlives the page: localStorage, below a prefix of one write key. Where it is closed or full,
 *  values live as long as the page. */
export class Store {
  private _memory = new Map<string, string>()

  constructor(private _prefix: string) {}

  _get(name: string): string | null {
    const kept = this._memory.get(name)
    if (kept !== undefined) return kept
    try {
      return localStorage.getItem(this._prefix + name)
    } catch {
      return null
    }
  }

  _set(name: string, value: string): void {
    try {
      localStorage.setItem(this._prefix + name, value)
      this._memory.delete(name)
    } catch {
      this._memory.set(name, value)
    }
  }

  _remove(name: string): void {
    this._memory.delete(name)
    try {
      localStorage.removeItem(this._prefix + name)
    } catch {
      // nothing was stored
    }
  }

  /** The names that were stored and begin with start, in order. */
  _names(start: string): string[] {
    const names: string[] = []
    try {
      for (let i = 0; i < localStorage.length; i++) {
        const name = localStorage.key(i)!
        if (name.startsWith(this._prefix + start)) names.push(name.slice(this._prefix.length))
      }
    } catch {
      // none
    }
    return names.sort()
  }
}
