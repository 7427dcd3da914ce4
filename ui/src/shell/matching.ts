/** Commands that contain every word typed; those that begin so go first. */
export function matching<T extends { title: string; hint: string }>(all: readonly T[], text: string): T[] {
  const words = text.toLowerCase().split(/\s+/)
  const found = all.filter((c) => words.every((w) => `${c.title} ${c.hint}`.toLowerCase().includes(w)))
  const starts = (c: T) => (c.title.toLowerCase().startsWith(text.toLowerCase()) ? 0 : 1)
  return found.map((c, i) => ({ c, i })).sort((a, b) => starts(a.c) - starts(b.c) || a.i - b.i).map(({ c }) => c)
}
