// Whether the time of a lookup tells how much of a token was right. A report, for no machine is quiet enough for a gate.
// After dudect (Reparaz and others, 2017): guesses of two kinds in random order, the slowest left out, Welch's t. Below 4.5 the two cannot be told apart.

import { newToken } from '../../build/lib/token.js'
import { SessionManager } from '../../dist/index.js'
import { mean, sum } from '../runner.mjs'

const [LOOKUPS, SESSIONS, WARM_UP] = [1_000_000, 10_000, 20_000]

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A token that differs from a living one in its last character. */
function near(token) {
  const others = [...LETTERS].filter((letter) => letter !== token.at(-1))
  return token.slice(0, -1) + others[Math.floor(Math.random() * others.length)]
}

async function timesOf(options, lookups) {
  const manager = new SessionManager(options)
  const tokens = []
  for (let i = 0; i < SESSIONS; i++) tokens.push((await manager.create({ user: `user${i}` })).token)
  const times = [new Float64Array(lookups), new Float64Array(lookups)]
  const counts = [0, 0]
  for (let i = -WARM_UP; i < lookups; i++) {
    const kind = Math.random() < 0.5 ? 0 : 1
    // Both guesses are made each time, and in the same form: a string that was put together of two is slower to read.
    const guesses = [near(tokens[Math.floor(Math.random() * SESSIONS)]), newToken()].map((guess) => Buffer.from(guess).toString('latin1'))
    const start = process.hrtime.bigint()
    await manager.find(guesses[kind])
    const took = Number(process.hrtime.bigint() - start)
    if (i >= 0) times[kind][counts[kind]++] = took
  }
  await manager.close()
  return times.map((all, kind) => all.subarray(0, counts[kind]))
}

/** Welch's t of what is faster than a limit that both kinds have in common. */
function welch(kinds, share) {
  const all = Float64Array.from(kinds.flatMap((times) => [...times])).sort()
  const limit = all[Math.floor((all.length - 1) * share)]
  const [a, b] = kinds.map((times) => {
    const kept = times.filter((time) => time <= limit)
    const middle = mean(kept)
    const variance = sum(kept.map((time) => (time - middle) ** 2)) / (kept.length - 1)
    return { middle, error: variance / kept.length }
  })
  return { near: a.middle, random: b.middle, t: (a.middle - b.middle) / Math.sqrt(a.error + b.error) }
}

export async function measure({ share }) {
  const lookups = Math.ceil(LOOKUPS * share)
  const rows = []
  for (const hashToken of [true, false]) {
    const kinds = await timesOf({ hashToken }, lookups)
    for (const kept of [0.9, 0.99]) rows.push({ hashToken, kept, ...welch(kinds, kept) })
  }
  return { packages: ['fastify-scs'], lookups, tables: { rows } }
}
