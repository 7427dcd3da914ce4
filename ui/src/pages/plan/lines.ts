import type { PlanProblem } from '../../api/types'

/** What the gutter of the editor shows: every line with the worst that was found in it. */
export interface Line {
  number: number
  mark?: 'error' | 'warning'
}

export function linesOf(text: string, problems: readonly PlanProblem[]): Line[] {
  const worst = new Map<number, 'error' | 'warning'>()
  for (const p of problems) {
    if (p.line !== undefined && worst.get(p.line) !== 'error') worst.set(p.line, p.severity)
  }
  return text.split('\n').map((_, i) => ({ number: i + 1, mark: worst.get(i + 1) }))
}

/** Where a line begins and ends in the text. */
export function spanOf(text: string, line: number): [number, number] {
  const lines = text.split('\n')
  const start = lines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0)
  return [start, start + (lines[line - 1]?.length ?? 0)]
}
