import { writePages } from './report.mjs'

export const names = []
export const run = writePages
