import { READ } from '../cases.mjs'

export const title = 'Fastify alone'
export const packages = ['fastify']
export const keepsSessions = false

export function register() {}

/** Nothing is kept: what the handler would answer all the same. */
export const read = () => READ.value
export function write() {}
