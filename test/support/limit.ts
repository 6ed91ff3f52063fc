/** So long a file of tests may take, in milliseconds: ten times what the longest was seen to take. Only one that hangs takes longer. */
export const LIMIT = 1_800_000
/** The same for a file that drives a browser, which takes half a minute on a slow machine. */
export const BROWSER_LIMIT = 300_000
