import type { Group, MetricAnswer, Topic } from '../../api/types'

/** What is said of a topic: a row of the table. */
export interface Row {
  id: string
  topic?: Topic // undefined for "other", and for conversations without a topic
  name: string
  n: number
  share: number
  trend: readonly (number | null)[]
  resolved: number | null
  satisfaction: number | null
  coverage: number | null
  loops: number | null
  abandoned: number | null
  conversion: number | null
  cost: number | null
}

export interface Answers {
  conversations: MetricAnswer
  resolved?: MetricAnswer
  satisfaction?: MetricAnswer
  loops?: MetricAnswer
  abandoned?: MetricAnswer
  conversion?: MetricAnswer
  cost?: MetricAnswer
}

export const other = 'other'

/** Rows of the topics that have conversations in the range; what belongs to no topic comes last. */
export function rowsOf(answers: Answers, topics: readonly Topic[]): Row[] {
  const known = new Map(topics.map((t) => [t.id, t]))
  const total = answers.conversations.groups.reduce((n, g) => n + (g.value ?? 0), 0)
  const by = (answer: MetricAnswer | undefined) => new Map((answer?.groups ?? []).map((g) => [g.keys[0] ?? '', g]))
  const groups = { resolved: by(answers.resolved), satisfaction: by(answers.satisfaction), loops: by(answers.loops), abandoned: by(answers.abandoned), conversion: by(answers.conversion), cost: by(answers.cost) }
  const rows = answers.conversations.groups.map((g): Row => {
    const id = g.keys[0] ?? ''
    const n = g.value ?? 0
    const value = (of: Map<string, Group>) => of.get(id)?.value ?? null
    return {
      id, topic: known.get(id), name: known.get(id)?.name ?? g.label ?? (id || 'Without a topic'), n, share: total > 0 ? n / total : 0, trend: (g.series ?? []).map((p) => p.value),
      resolved: value(groups.resolved), satisfaction: value(groups.satisfaction), coverage: groups.satisfaction.get(id)?.coverage ?? null,
      loops: answers.loops && n > 0 ? (value(groups.loops) ?? 0) / n : null,
      abandoned: value(groups.abandoned), conversion: value(groups.conversion), cost: value(groups.cost),
    }
  })
  return [...rows.filter((r) => r.topic), ...rows.filter((r) => !r.topic)]
}

export const columns = [
  ['name', 'Topic'], ['n', 'Conversations'], ['share', 'Share'], ['resolved', 'Resolved'], ['satisfaction', 'Satisfaction'],
  ['loops', 'Loops'], ['abandoned', 'Abandoned'], ['conversion', 'Conversion'], ['cost', 'Cost'],
] as const

export type Sort = (typeof columns)[number][0]

/** Sorted rows: pinned topics first, "other" and what has no topic last, and unknown values after known ones. */
export function sorted(rows: readonly Row[], sort: Sort, desc: boolean): Row[] {
  const rank = (r: Row) => (r.topic?.pinned ? 0 : r.topic ? 1 : 2)
  return [...rows].sort((a, b) => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b)
    const [x, y] = [a[sort], b[sort]]
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1
    const order = typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y)
    return desc ? -order : order
  })
}
