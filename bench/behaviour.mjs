import { job } from '../test/support/children.mjs'
import { rows } from './behaviour/scenarios.mjs'
import { report } from './report.mjs'

const LIBRARIES = ['fastify-scs', '@fastify/session', '@mgcrea/fastify-session', 'express-session']

/** Both frameworks say more to clients while being developed with. */
const ENVIRONMENT = { NODE_ENV: 'production', NO_DEPRECATION: 'express-session' }

export const names = rows.map(({ key }) => key)

const inProcess = (keys, libraries, options) => job('bench/behaviour/scenarios.mjs', 'observe', { keys, libraries }, options)

/** A row that its process may not survive: each library in one of its own. What a process said at its end is the cell then. */
async function observeAlone({ key, alone }) {
  const observed = await Promise.all(
    LIBRARIES.map(async (library) => {
      try {
        return (await inProcess([key], [library], { env: { ...ENVIRONMENT, ...alone }, stderr: 'pipe' }))[key]
      } catch (error) {
        if (error.crash === undefined) throw error
        return { [library]: `**the process ends**, ${/ERR_[A-Z_]+/.exec(error.crash)?.[0] ?? error.crash.trim().split('\n').at(-1)}` }
      }
    }),
  )
  return Object.assign({}, ...observed)
}

/** How fastify-scs and others behave in the same situations: what was observed, not what is claimed. */
export async function run({ chosen, command }) {
  const wanted = rows.filter(({ key }) => chosen.length === 0 || chosen.includes(key))
  const together = wanted.filter(({ alone }) => !alone).map(({ key }) => key)
  const cells = together.length > 0 ? await inProcess(together, LIBRARIES, { env: ENVIRONMENT }) : {}
  for (const row of wanted.filter(({ alone }) => alone)) cells[row.key] = await observeAlone(row)
  const observed = wanted.map(({ key, ask }) => ({ key, ask, ...cells[key] }))
  await report('behaviour', { command, packages: ['fastify', 'express', ...LIBRARIES] }, { rows: observed }, chosen.length === 0)
}
