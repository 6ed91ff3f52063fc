// `npm run bench -- [case …] [--rounds 5] [--seconds 2] [--connections 50]`: requests a second beside other session plugins and bare drivers.
// `npm run bench -- --check BASE [case …]`: this checkout against another, a folder or a commit, pair by pair.
import { parseArgs } from 'node:util'
import { prepare } from './prepare.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '50' },
    check: { type: 'string' },
  },
})
const rounds = Number(values.rounds ?? (values.check === undefined ? 5 : 9))
const [seconds, connections] = [values.seconds, values.connections].map(Number)
if (![rounds, seconds, connections].every((number) => Number.isInteger(number) && number > 0))
  throw new TypeError('rounds, seconds and connections are positive whole numbers')

prepare()
// Only now is everything there.
const { cases } = await import('./cases.mjs')
const unknown = positionals.find((name) => !Object.hasOwn(cases, name))
if (unknown !== undefined) throw new TypeError(`no case ${unknown}; there are ${Object.keys(cases).join(', ')}`)

const settings = {
  rounds,
  seconds,
  connections,
  command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
}
const { compareCheckouts } = await import('./checkouts.mjs')
const { compareVariants } = await import('./compare.mjs')
if (values.check === undefined) await compareVariants(positionals.length === 0 ? Object.keys(cases) : positionals, settings)
else
  await compareCheckouts(
    positionals.length === 0 ? ['no-cookie', 'untouched', 'read', 'write', 'read-50'] : positionals,
    values.check,
    settings,
  )
