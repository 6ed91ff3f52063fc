import { job } from '../test/support/children.mjs'
import { report } from './report.mjs'

const [REQUESTS, RUNS] = [20_000, 2]
const FLAGS = ['--expose-gc', '--max-old-space-size=8192']
/** Steps of a collection that V8 takes within an allocation are told to nobody; in one piece each is. */
const IN_ONE_PIECE = '--no-incremental-marking'

/** In a process of its own, where no other measurement has filled the heap. */
function alone(module, name, input, flags = []) {
  console.error(`  ${name} ${JSON.stringify(input)}`)
  return job(`bench/scale/${module}.mjs`, name, input, { flags: [...FLAGS, ...flags] })
}

async function several(inputs, work) {
  const results = []
  for (const input of inputs) results.push(await work(input))
  return results.flat()
}

/** The lives of full stores, as they are and with the collector in one piece. */
function pauses(size) {
  const kinds = [{ kind: 'MemoryStore', owned: false }, { kind: 'MemoryStore', owned: true }, { kind: 'Map' }]
  const inputs = kinds.flatMap((kind) => [false, true].flatMap((apart) => Array.from({ length: RUNS }, () => ({ ...kind, size, apart }))))
  return several(inputs, (input) => alone('life', 'life', input, input.apart ? [IN_ONE_PIECE] : []))
}

/** What is measured, by name; the sizes grow. */
const PARTS = {
  async memory(sizes, share) {
    const size = sizes.at(-1)
    const requests = Math.max(1000, Math.round(REQUESTS * share))
    const kinds = [{ kind: 'MemoryStore' }, { kind: 'MemoryStore', owned: true }, { kind: 'Map' }]
    const plugins = ['fastify-scs', '@fastify/session'].flatMap((kind) => [false, true].map((loggedIn) => ({ kind, loggedIn, requests })))
    return {
      reads: await alone('reads', 'reads', { sizes }),
      bytes: await several(kinds, (input) => alone('bytes', 'ofStore', { owned: false, ...input, size })),
      plugins: await several(plugins, (input) => alone('bytes', 'ofPlugin', input)),
      pauses: await pauses(size),
    }
  },
  lmdb: (sizes) => alone('lmdb', 'lmdb', { sizes }),
  sql: async (sizes) => ({ sql: await alone('sql', 'sql', { sizes }) }),
}

export const names = Object.keys(PARTS)

export async function run({ chosen, share }) {
  const sizes = [...new Set([1000, ...[100_000, 1_000_000].map((size) => Math.max(2000, Math.round(size * share)))])]
  for (const part of chosen.length > 0 ? chosen : names) {
    const tables = await PARTS[part](sizes, share)
    const made = { part, command: `npm run bench -- scale ${part}`, packages: ['fastify-scs', '@fastify/session'] }
    // A part that is measured alone leaves the others as they are.
    await report('scale', made, tables, share === 1)
  }
}
