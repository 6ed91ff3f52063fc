// `node bench/timing.mjs`: whether the time of a look-up tells how much of a token was right. A report, for no machine is quiet enough for a gate.
// After dudect (Reparaz and others, 2017): guesses of two kinds in random order, the slowest left out, Welch's t. Below 4.5 the two cannot be told apart.
import { circumstances } from '../test/support/circumstances.mjs'
import { table } from '../test/support/markdown.mjs'
import { save } from './report.mjs'

const LOOKUPS = Number(process.env.LOOKUPS ?? 1_000_000)
const SESSIONS = 10_000

const { SessionManager } = await import('../build/index.js')
const { newToken } = await import('../build/lib/token.js')

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A token that differs from a living one in its last character. */
function near(token) {
  const others = [...LETTERS].filter((letter) => letter !== token.at(-1))
  return token.slice(0, -1) + others[Math.floor(Math.random() * others.length)]
}

async function measure(options) {
  const manager = new SessionManager(options)
  const tokens = []
  for (let i = 0; i < SESSIONS; i++) tokens.push((await manager.create({ user: `user${i}` })).token)
  const times = [new Float64Array(LOOKUPS), new Float64Array(LOOKUPS)]
  const counts = [0, 0]
  for (let i = -20_000; i < LOOKUPS; i++) {
    const kind = Math.random() < 0.5 ? 0 : 1
    // Both guesses are made each time, and in the same form: a text that was put together of two is slower to read.
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
    const mean = kept.reduce((sum, time) => sum + time, 0) / kept.length
    const variance = kept.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (kept.length - 1)
    return { mean, error: variance / kept.length }
  })
  return { near: a.mean, random: b.mean, t: (a.mean - b.mean) / Math.sqrt(a.error + b.error) }
}

const rows = []
for (const [name, options] of [
  ['hashed tokens (the default)', {}],
  ['hashToken: false', { hashToken: false }],
]) {
  const kinds = await measure(options)
  for (const share of [0.9, 0.99]) {
    const { near, random, t } = welch(kinds, share)
    rows.push([name, `${share * 100} %`, String(Math.round(near)), String(Math.round(random)), t.toFixed(2)])
  }
}
const made = circumstances('node bench/timing.mjs', ['fastify-scs'])
const text = `# Does the time of a look-up tell how much of a token was right?

${LOOKUPS.toLocaleString('en-US')} look-ups in the memory store, of guesses that differ from a living token in their last character alone, and of random ones. |t| below 4.5: the
two cannot be told apart. The slowest look-ups are left out; the second column says how many stay.

${table(['', 'look-ups', 'near, ns', 'random, ns', 't'], rows)}

Node ${made.node}, ${made.date.slice(0, 10)}. \`${made.command}\`
`
console.log(text)
save('timing', { ...made, lookups: LOOKUPS, rows }, text)
