/** A value as people read it: texts as they are, lists by their elements, anything else as JSON. */
export function written(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(written).join(', ')
  return typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 3 }) : JSON.stringify(value)
}
