/** So long a file of tests may take, in milliseconds: ten times what the longest was seen to take. Only one that hangs takes longer. */
export const LIMIT = 1_800_000
