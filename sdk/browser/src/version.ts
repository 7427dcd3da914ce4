/** The version of the tag, sent as that of the library. It changes with what the tag sends. */
export const version = '1.0.0'
