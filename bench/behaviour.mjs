// How fastify-scs, @fastify/session and express-session behave in the same situations: what was observed, not what is claimed.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

// Before the applications are made: both frameworks say more to clients while being developed with.
process.env.NODE_ENV = 'production'
const { STORE_TIMEOUT, starters } = await import('./behaviour/apps.mjs')
const { scenarios } = await import('./behaviour/scenarios.mjs')

// Express reports there what it answers with 500, which is what the table says.
console.error = () => {}

const require = createRequire(import.meta.url)
const RESULTS = new URL('results/behaviour.md', import.meta.url)

async function observe(name, scenario) {
  const app = await starters[name]()
  try {
    return String(await scenario({ ...app, name }, starters[name]))
  } finally {
    await app.close()
  }
}

async function row([question, scenario], number) {
  const cells = []
  for (const name of Object.keys(starters)) cells.push(await observe(name, scenario))
  return `| ${[number + 1, question, ...cells].join(' | ')} |`
}

async function version(file) {
  return JSON.parse(await readFile(file, 'utf8')).version
}

async function versions() {
  const own = await version(new URL('../package.json', import.meta.url))
  const names = ['@fastify/session', 'express-session', 'fastify', 'express']
  const others = await Promise.all(names.map((name) => version(require.resolve(`${name}/package.json`))))
  return { 'fastify-scs': own, ...Object.fromEntries(names.map((name, index) => [name, others[index]])) }
}

async function table() {
  const { fastify, express, ...libraries } = await versions()
  const heads = Object.entries(libraries).map(([name, number]) => `${name} ${number}`)
  const rows = []
  for (const [index, scenario] of scenarios.entries()) rows.push(await row(scenario, index))
  return { fastify, express, lines: [`| | | ${heads.join(' | ')} |`, '|---|---|---|---|---|', ...rows] }
}

function caption({ fastify, express }) {
  return `What was observed, not what anybody claims. The store is in memory, takes 2 ms an operation, and is made to fail or to hang.
Requests go through \`inject\` for the two Fastify plugins and over http for express-session. **Bold** is what hurts somebody.
fastify ${fastify}, express ${express}, Node ${process.versions.node}, no error handlers but the frameworks' own,
\`NODE_ENV=production\`, in which Express keeps error texts from clients.

All three have an idle timeout of 20 minutes and \`cookie.secure: false\`. The peers are configured leanly: \`resave: false\`,
\`saveUninitialized: false\`, \`rolling: false\`. (@fastify/session's defaults are true for the latter two, and write more.)
fastify-scs has \`storeTimeout: ${STORE_TIMEOUT}\` ms; the default is 5 s.`
}

const result = await table()
const text = `# Behaviour compared

\`node bench/behaviour.mjs\`, after \`npm run build\` and \`npm ci --prefix bench\`.

${caption(result)}

${result.lines.join('\n')}
`
await mkdir(new URL('.', RESULTS), { recursive: true })
await writeFile(RESULTS, text)
process.stdout.write(text)
