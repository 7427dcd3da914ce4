/** Code that is not saved yet, by function, as long as the page is open. */
export const drafts = new Map<string, string>()
