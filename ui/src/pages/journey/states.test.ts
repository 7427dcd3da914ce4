import { expect, test } from 'vitest'
import type { Journey } from '../../api/types'
import { conversationOf } from './states'

const journey = (stored: 'done' | 'skipped'): Journey => ({
  id: 'e', event_id: 'e', status: 'stored', mapping_differs: [],
  steps: [{ step: 'mapped', state: 'done', summary: '', codes: [], payload: { conversation_id: 'c1' } }, { step: 'stored', state: stored, summary: '', codes: [] }],
})

test('a journey leads to the conversation once the call is stored', () => {
  expect(conversationOf(journey('done'))).toBe('c1')
  expect(conversationOf(journey('skipped'))).toBeUndefined()
})
