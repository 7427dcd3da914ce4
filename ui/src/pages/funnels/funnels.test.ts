import { expect, test } from 'vitest'
import { cumulativePath, distribution } from '../../charts/distribution'
import { csv } from '../../charts/csv'
import { sankey } from '../../charts/sankeyMarks'
import type { Funnel, Paths } from '../../api/types'
import { fieldIs } from '../../state/filter'
import { type Funnel as Spec, funnelParams, parseFunnel, stepTitle, writeFunnel } from '../../state/funnel'
import { funnelHead, funnelRows, nodeLabel, pathRows, spreadRows, stepBars } from './marks'
import { toGoal, withCondition } from './steps'

const spec: Spec = {
  person: true, ordered: false, window: '24h',
  steps: [
    { name: 'Asked & more', conditions: [fieldIs('kind', 'message'), fieldIs('conversation.outcome', 'a|b')] },
    { name: '', conditions: [] },
  ],
}

test('a funnel survives the address', () => {
  expect(parseFunnel(writeFunnel(spec))).toEqual(spec)
  expect(parseFunnel('')).toBeNull()
  expect(parseFunnel('step2=kind:exists')).toBeNull()
  expect(funnelParams(spec)).toMatchObject({ per: 'person', ordered: 'false', step1: ['kind:eq:message', 'conversation.outcome:eq:a\\|b'], step2: ['*'], name1: 'Asked & more' })
})

test('a step is called by its name, else by what it says', () => {
  expect(spec.steps.map(stepTitle)).toEqual(['Asked & more', 'Any event'])
  expect(stepTitle({ name: '', conditions: [fieldIs('conversation.tool_name', 'search')] })).toBe('Action is search')
})

test('conditions are replaced, added and taken away', () => {
  const [a, b] = [fieldIs('a', '1'), fieldIs('b', '2')]
  expect(withCondition([a], 0, b)).toEqual([b])
  expect(withCondition([], 0, a)).toEqual([a])
  expect(withCondition([a, b], 0, null)).toEqual([b])
})

test('a funnel to a goal ends with it', () => {
  const to = toGoal(spec, { name: 'bought', events: ['Order Completed', 'Paid'], where: ['amount:gt:0', 'nonsense'] })
  expect(to.steps.map((s) => s.name)).toEqual(['Asked & more', 'bought'])
  expect(to.steps[1]?.conditions).toEqual([{ field: 'source_event', op: 'eq', values: ['Order Completed', 'Paid'], not: false }, { field: 'amount', op: 'gt', values: ['0'], not: false }])
})

const step = (name: string, n: number, first: number, before: number): Funnel['steps'][number] => ({
  name, conditions: [], n, rate_from_first: n / first, rate_from_previous: n / before, interval: [0.1, 0.9], median_ms_from_previous: n === first ? null : 1500,
})
const funnel = { steps: [step('a', 40, 40, 40), step('b', 10, 40, 40), step('c', 10, 40, 10)] }

test('the bars of a funnel and its table agree', () => {
  const rows = funnelRows(funnel, (n) => `#${n}`)
  stepBars(funnel.steps).forEach((bar, i) => {
    const cells = Object.fromEntries(funnelHead.map((h, k) => [h, rows[i]?.cells[k]]))
    expect(cells).toMatchObject({ Reached: bar.step.n, 'Of the first': bar.share, Dropped: bar.dropped, 'At least': bar.low, 'At most': bar.high })
  })
  expect(stepBars(funnel.steps).map((b) => b.dropped)).toEqual([0, 30, 0])
  expect(csv(funnelHead, rows.map((r) => r.cells))).toContain('2. b,10,0.25,0.1,0.9,0.25,30,1500')
})

test('a distribution has every number, adds up, and folds its tail', () => {
  const groups = [['3', 5], ['1', 2], [null, 9], ['6', 3]].map(([key, n]) => ({ keys: [key as string | null], n: n as number }))
  const bins = distribution(groups)
  expect(bins.map((b) => [b.value, b.n])).toEqual([[1, 2], [2, 0], [3, 5], [4, 0], [5, 0], [6, 3]])
  expect(bins.at(-1)?.cumulative).toBe(1)
  const folded = distribution(groups, 3)
  expect(folded.map((b) => [b.value, b.n, b.andMore])).toEqual([[1, 2, false], [2, 0, false], [3, 8, true]])
  expect(spreadRows(folded, () => '').map((r) => r.cells)).toEqual(folded.map((b) => [b.andMore ? `${b.value}+` : `${b.value}`, b.n, b.share, b.cumulative]))
  expect(cumulativePath(folded, 30, 10)).toBe('M5,8L15,8L25,0')
  expect(distribution([])).toEqual([])
})

const paths: Paths = {
  range: { from: null, until: null, zone: 'UTC' }, conversations: 10,
  nodes: [
    { id: '0:topic:x', step: 0, kind: 'topic', name: 'x', n: 7 }, { id: '0:topic', step: 0, kind: 'topic', name: null, n: 3 },
    { id: '1:tool:t', step: 1, kind: 'tool', name: 't', n: 6 }, { id: '7:outcome', step: 7, kind: 'outcome', name: null, n: 10 },
  ],
  links: [
    { step: 0, from: '0:topic:x', to: '1:tool:t', n: 4 }, { step: 0, from: '0:topic', to: '1:tool:t', n: 2 }, { step: 0, from: '0:topic:x', to: '7:outcome', n: 3 },
    { step: 0, from: '0:topic', to: '7:outcome', n: 1 }, { step: 1, from: '1:tool:t', to: '7:outcome', n: 6 },
  ],
}

test('boxes and ribbons are as large as what they count, on one scale, and ribbons fill their boxes', () => {
  const { nodes, links } = sankey(paths.nodes, paths.links, 400, 100, 10, 10)
  const scale = nodes[0]!.height / nodes[0]!.node.n
  for (const m of nodes) {
    expect(m.height).toBeCloseTo(m.node.n * scale)
    expect(m.y + m.height).toBeLessThanOrEqual(100.001)
    const into = links.filter((l) => l.link.to === m.node.id)
    if (into.length > 0) expect(into.reduce((s, l) => s + l.width, 0)).toBeCloseTo(m.height)
    const out = links.filter((l) => l.link.from === m.node.id)
    if (out.length > 0) expect(out.reduce((s, l) => s + l.width, 0)).toBeCloseTo(m.height)
  }
  expect(nodes.map((m) => m.x)).toEqual([0, 0, 195, 390])
  for (const l of links) expect(l.path).toMatch(/^M[\d.]+,[\d.]+C/)
  expect(sankey([], [], 100, 100)).toEqual({ nodes: [], links: [] })
})

test('boxes of a column do not overlap', () => {
  const { nodes } = sankey(paths.nodes, paths.links, 400, 100, 10, 10)
  const [a, b] = nodes.filter((m) => m.node.step === 0).sort((x, y) => x.y - y.y)
  expect(b!.y).toBeGreaterThanOrEqual(a!.y + a!.height + 9.99)
})

test('the table of paths has every link', () => {
  const rows = pathRows(paths)
  expect(rows).toHaveLength(paths.links.length)
  expect(rows.reduce((n, r) => n + Number(r.cells[3]), 0)).toBe(paths.links.reduce((n, l) => n + l.n, 0))
  expect(rows[0]?.cells).toEqual([1, 'x', 't', 4])
  expect(paths.nodes.map(nodeLabel)).toEqual(['x', 'No topic', 't', 'No outcome yet'])
})
