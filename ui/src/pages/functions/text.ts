/** A text with what is selected in it. */
export interface Edit {
  text: string
  start: number
  end: number
}

const step = '  '

/** Indents the lines that are selected, or puts spaces where the cursor is. */
export function indent({ text, start, end }: Edit): Edit {
  if (start === end) return { text: text.slice(0, start) + step + text.slice(end), start: start + step.length, end: start + step.length }
  const from = text.lastIndexOf('\n', start - 1) + 1
  const lines = text.slice(from, end).split('\n')
  return { text: text.slice(0, from) + lines.map((l) => step + l).join('\n') + text.slice(end), start: start + step.length, end: end + lines.length * step.length }
}

/** Takes the indentation of the lines that are selected back by one step. */
export function outdent({ text, start, end }: Edit): Edit {
  const from = text.lastIndexOf('\n', start - 1) + 1
  const cut = (line: string) => line.replace(/^ {1,2}|^\t/, '')
  const before = text.slice(from, end).split('\n')
  const rest = text.slice(end).match(/^[^\n]*/)?.[0] ?? ''
  const last = before.length - 1
  const whole = before.map((l, i) => (i === last ? l + rest : l))
  const after = whole.map(cut)
  const removed = whole.map((l, i) => l.length - (after[i] ?? '').length)
  const first = removed[0] ?? 0
  const all = removed.reduce((n, r) => n + r, 0)
  return { text: text.slice(0, from) + after.join('\n') + text.slice(end + rest.length), start: Math.max(from, start - first), end: Math.max(from, end - all) }
}

/** Begins a line with the indentation of the one before, one step more after an opening bracket. */
export function breakLine({ text, start, end }: Edit): Edit {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  const space = (line.match(/^[ \t]*/)?.[0] ?? '') + (/[{[(]\s*$/.test(line) ? step : '')
  const at = start + 1 + space.length
  return { text: `${text.slice(0, start)}\n${space}${text.slice(end)}`, start: at, end: at }
}

/** A line of a comparison. */
export interface Line {
  sign: ' ' | '+' | '-'
  text: string
  at?: number // its number in the newer text, or in the older one of a line that is gone
}

const most = 4_000_000 // cells of the table: two texts of 2,000 lines

/** What changed from one text to another, line by line: the longest common subsequence stays. Lines of one key
 *  are the same; the newer one is shown. */
export function diff(from: string, to: string, key: (line: string) => string = (line) => line): Line[] {
  const [before, newer] = [from.split('\n'), to.split('\n')]
  const [a, b] = [before.map(key), newer.map(key)]
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const same = (text: string, at: number): Line => ({ sign: ' ', text, at })
  return [
    ...newer.slice(0, head).map((t, i) => same(t, i + 1)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail), head).map((l) => ({ ...l, text: (l.sign === '-' ? before : newer)[l.at - 1] ?? '' })),
    ...newer.slice(newer.length - tail).map((t, i) => same(t, b.length - tail + i + 1)),
  ]
}

function middle(a: string[], b: string[], offset: number): Required<Line>[] {
  const gone = (i: number): Required<Line> => ({ sign: '-', text: a[i] ?? '', at: offset + i + 1 })
  const made = (k: number): Required<Line> => ({ sign: '+', text: b[k] ?? '', at: offset + k + 1 })
  if (a.length * b.length > most) return [...a.map((_, i) => gone(i)), ...b.map((_, k) => made(k))]
  const width = b.length + 1
  const longest = new Uint32Array((a.length + 1) * width)
  const at = (i: number, k: number) => longest[i * width + k] ?? 0
  for (let i = a.length - 1; i >= 0; i--) {
    for (let k = b.length - 1; k >= 0; k--) longest[i * width + k] = a[i] === b[k] ? at(i + 1, k + 1) + 1 : Math.max(at(i + 1, k), at(i, k + 1))
  }
  const out: Required<Line>[] = []
  let [i, k] = [0, 0]
  while (i < a.length || k < b.length) {
    if (i < a.length && k < b.length && a[i] === b[k]) {
      out.push({ sign: ' ', text: b[k] ?? '', at: offset + k + 1 })
      i++
      k++
    } else if (i < a.length && (k === b.length || at(i + 1, k) >= at(i, k + 1))) out.push(gone(i++))
    else out.push(made(k++))
  }
  return out
}

/** The lines that changed with those around them; null stands for lines left out. */
export function folded(lines: readonly Line[], around = 3): (Line | null)[] {
  const near = lines.map((_, i) => lines.slice(Math.max(0, i - around), i + around + 1).some((l) => l.sign !== ' '))
  return lines.flatMap((l, i) => (near[i] ? [l] : i > 0 && !near[i - 1] ? [] : [null]))
}
