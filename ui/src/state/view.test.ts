import { expect, test } from 'vitest'
import { fieldIs } from './filter'
import { funnelPart, parseFunnel, partPhrase } from './funnel'
import { hrefTo, ownParams, parseView, type View } from './view'

const view: View = {
  range: { preset: '7d' }, compare: true, search: 'refund & return',
  filters: [fieldIs('source', 'web'), fieldIs('tool_name', null)],
}

test('a link carries the whole view', () => {
  const url = new URL(hrefTo('/conversations', view, { sort: 'messages' }), 'https://debrief.example')
  expect(parseView(url.searchParams)).toEqual(view)
  expect(ownParams(url.searchParams)).toEqual({ sort: 'messages' })
})

test('a link carries what a step of a funnel counts', () => {
  const part = { ...view, funnel: funnelPart(parseFunnel('step1=*&step2=kind%3Aeq%3Aconversion&step2=channel%3Aeq%3Aweb&name2=Bought&per=person&window=24h&ordered=false')!, 2, 'dropped') }
  const url = new URL(hrefTo('/conversations', part), 'https://debrief.example')
  expect(parseView(url.searchParams)).toEqual(part)
  expect(partPhrase(part.funnel)).toEqual({ field: 'Funnel', word: 'dropped before', value: '2. Bought' })
})

test('the default view leaves the URL bare', () => {
  expect(hrefTo('/', parseView(new URLSearchParams()))).toBe('/')
})

test('unreadable filters are left out, the rest stays', () => {
  expect(parseView(new URLSearchParams('filter=nonsense&filter=source:eq:web')).filters).toEqual([fieldIs('source', 'web')])
})
