import { startApp } from './apps.mjs'
import { rows } from './scenarios.mjs'

/** What is seen of some rows, in this process: by key and library. */
export async function observe({ keys, libraries }) {
  // Express reports there what it answers with 500, which is what the result says.
  console.error = () => {}
  // The first request loads modules, which Node 20 does not do for several at the same time.
  const first = await startApp('fastify-scs')
  await first.request('GET', '/me')
  await first.close()
  const cells = {}
  for (const key of keys) {
    const seen = await Promise.all(libraries.map((library) => cellOf(key, library)))
    cells[key] = Object.fromEntries(libraries.map((library, i) => [library, seen[i]]))
    process.stderr.write(`${key}: ${seen.join(' | ')}\n`)
  }
  return cells
}

async function cellOf(key, library) {
  const apps = []
  const start = async (options) => {
    apps.push(await startApp(library, options))
    return apps.at(-1)
  }
  try {
    return String(await rows.find((row) => row.key === key).see(await start(), start))
  } finally {
    for (const app of apps) await app.close()
  }
}
