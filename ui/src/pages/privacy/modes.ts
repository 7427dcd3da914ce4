/** How much is masked, and what becomes of free text: the words of the API and those of people. */
export const levels: readonly (readonly [string, string])[] = [
  ['structured', 'E-mail, cards, phones, keys'],
  ['all', 'Names and addresses too'],
  ['off', 'Nothing is masked'],
]

export const contents: readonly (readonly [string, string])[] = [
  ['full', 'Texts are kept'],
  ['redacted', 'Texts, names masked'],
  ['metadata', 'No texts'],
]
