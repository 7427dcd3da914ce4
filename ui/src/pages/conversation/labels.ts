/** Labels that the page has buttons for. All others are shown as they are named. */
export const star = 'star'
export const review = 'review'
export const reviewed = 'reviewed'

const own: readonly string[] = [star, review, reviewed]

/** The labels that people made up. */
export const named = (labels: readonly string[]): string[] => labels.filter((l) => !own.includes(l))

/** A change of labels, as the API takes it. */
export interface LabelChange {
  add: string[]
  remove: string[]
}

/** Takes the label away if it is there, else adds it. */
export const toggled = (labels: readonly string[], label: string): LabelChange =>
  labels.includes(label) ? { add: [], remove: [label] } : { add: [label], remove: [] }

/** Puts a conversation into the queue, or says that it was looked at and takes it out. */
export const queued: LabelChange = { add: [review], remove: [reviewed] }
export const done: LabelChange = { add: [reviewed], remove: [review] }

/** The labels after a change, in order. */
export function changed(labels: readonly string[], change: LabelChange): string[] {
  return [...new Set([...labels.filter((l) => !change.remove.includes(l)), ...change.add])].sort()
}
