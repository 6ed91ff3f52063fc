import { READ } from '../cases.mjs'

export function register() {}

/** Nothing is kept: what the handler would answer all the same. */
export const read = () => READ.value
export function write() {}
