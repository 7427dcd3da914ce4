let last = 0
let count = 0

/** A UUIDv7 (RFC 9562): ids of a page sort in the order they were made. Not crypto.randomUUID, which pages
 *  without TLS do not have. */
export function newID(): string {
  const now = Date.now()
  count = now === last ? (count + 1) & 0xfff : 0
  last = now
  const random = crypto.getRandomValues(new Uint8Array(8))
  random[0] = (random[0]! & 0x3f) | 0x80
  const hex = now.toString(16).padStart(12, '0') + (0x7000 + count).toString(16) + Array.from(random, (b) => b.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** When a UUIDv7 was made, in milliseconds; NaN for other text. */
export function timeOf(id: string): number {
  return parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}
