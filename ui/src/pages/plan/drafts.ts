/** Texts that are not published yet, by plan, as long as the page is open. */
export const drafts = new Map<string, { text: string; from: number }>()
