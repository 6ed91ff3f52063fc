const { CI, SCS_SEED } = process.env

/**
 * Where random tests begin: at `SCS_SEED`, or at a new place each time. With `CI` set always at the same: what it says of a commit is then
 * repeatable, and the desk and the nights look further.
 */
export const SEED = Number(SCS_SEED || (CI ? 1 : Date.now() % 2 ** 31))
