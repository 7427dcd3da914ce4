import { expect, test } from 'vitest'
import { changed, done, named, queued, toggled } from './labels'

test('a star that is there is taken away, one that is not is given', () => {
  expect(changed(['bug', 'star'], toggled(['bug', 'star'], 'star'))).toEqual(['bug'])
  expect(changed(['bug'], toggled(['bug'], 'star'))).toEqual(['bug', 'star'])
})

test('a conversation is in the queue or reviewed, never both', () => {
  expect(changed(['bug'], queued)).toEqual(['bug', 'review'])
  expect(changed(['review', 'bug'], done)).toEqual(['bug', 'reviewed'])
  expect(changed(['reviewed'], queued)).toEqual(['review'])
})

test('buttons are not shown as labels again', () => {
  expect(named(['bug', 'review', 'reviewed', 'star'])).toEqual(['bug'])
})
