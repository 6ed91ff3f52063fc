import { cost } from './scenarios/cost.mjs'
import { data } from './scenarios/data.mjs'
import { faults } from './scenarios/faults.mjs'
import { meeting } from './scenarios/meeting.mjs'
import { orders } from './scenarios/orders.mjs'
import { tokens } from './scenarios/tokens.mjs'

/**
 * Each row of the table: what it asks, and how it finds out, given an application and what starts another. `alone`: in a process of its own,
 * with further environment in `env`.
 */
export const rows = [...meeting, ...orders, ...tokens, ...faults, ...cost, ...data]
