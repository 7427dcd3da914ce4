/** Traits as lines of text: nested objects by their path, lists by their values. */
export function flatten(traits: object, path = ''): [string, string][] {
  return Object.entries(traits).flatMap(([key, value]): [string, string][] => {
    const here = path ? `${path}.${key}` : key
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return flatten(value as object, here)
    return [[here, typeof value === 'string' ? value : JSON.stringify(value)]]
  })
}

/** A value as people read it: texts as they are, lists by their elements, anything else as JSON. */
export function written(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(written).join(', ')
  return typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 3 }) : JSON.stringify(value)
}
