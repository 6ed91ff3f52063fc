// What `npm test` and `npm run consumers` try: a small application that logs in and reads back, for every way that code goes.
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { installPacked } from './consumer.mjs'
import { root, run } from './processes.mjs'

export const folder = join(root, 'test/consumers')
export const tools = join(folder, 'node_modules')

const imports = { fastify: 'Fastify', 'fastify-scs': 'scsSession', typebox: 'Type' }
const importing = Object.entries(imports)
  .map(([name, as]) => `import ${as} from '${name}'`)
  .join('\n')
export const requiring = Object.entries(imports)
  .map(([name, as]) => `const ${as}Module = require('${name}'); const ${as} = ${as}Module.default ?? ${as}Module`)
  .join('\n')

const visit = (store) => `
async function visit() {
  const app = Fastify()
  await app.register(scsSession, { schema: Type.Object({ userId: Type.String() })${store} })
  app.post('/login', async ({ session }) => {
    session.renewToken()
    session.put('userId', 'ada')
    return {}
  })
  app.get('/me', async ({ session }) => session.get('userId'))
  const at = await app.listen({ port: 0, host: '127.0.0.1' })
  const cookie = (await fetch(\`\${at}/login\`, { method: 'POST' })).headers.getSetCookie()[0].split(';')[0]
  const seen = await (await fetch(\`\${at}/me\`, { headers: { cookie } })).text()
  await app.close()
  return seen
}
`
const printing = "visit().then((seen) => { console.log('seen ' + seen); process.exit() })\n"
export const program = `${importing}\n${visit('')}${printing}`
export const withLmdb = `import { LmdbStore } from 'fastify-scs/stores/lmdb'\n${importing}\n${visit(", store: new LmdbStore('data')")}${printing}`
export const testing = (head, expect) => `${head}\n${visit('')}\ntest('a session', async () => ${expect})\n`
export const tested = { importing, requiring, expect: "expect(await visit()).toBe('ada')" }

/** A program for compilers. TypeBox is an ES module that TypeScript imports from CommonJS under nodenext alone. */
export const typed = `import Fastify from 'fastify'
import scsSession, { MemoryStore } from 'fastify-scs'
import { RedisStore } from 'fastify-scs/stores/redis'
import { storeConformance } from 'fastify-scs/conformance'
declare module 'fastify-scs' { interface SessionData { userId: string } }
export const app = Fastify()
app.register(scsSession, { idleTimeout: '20m', store: new MemoryStore() })
app.get('/', async (request) => { const id: string | undefined = request.session.get('userId'); return id ?? [RedisStore.name, storeConformance.name] })
// @ts-expect-error there is no such key
app.get('/bad', async (request) => request.session.get('nope'))
`

const node = { module: 'nodenext' }
/** The settings of a compiler, the kind of package, and the compilers that have them. */
export const compilers = [
  ['commonjs', { module: 'commonjs', moduleResolution: 'node10' }, ['typescript-5.9']],
  ['commonjs', node, ['typescript-5.9', 'typescript']],
  ['commonjs', { module: 'node16' }, ['typescript-5.9', 'typescript']],
  ['module', node, ['typescript-5.9', 'typescript']],
  ['module', { module: 'node16' }, ['typescript-5.9', 'typescript']],
  ['module', { module: 'esnext', moduleResolution: 'bundler' }, ['typescript-5.9', 'typescript']],
]

const banner = "import { createRequire } from 'module'; const require = createRequire(import.meta.url);"
/** esbuild's settings, its output, and the program. */
export const bundles = [
  ['ESM with the usual banner', 'esm', { js: banner }, program],
  ['CommonJS', 'cjs', {}, program],
  ['ESM, LMDB external', 'esm', { js: banner }, withLmdb],
  ['CommonJS, LMDB external', 'cjs', {}, withLmdb],
]

/** The package in a project, beside the programs of `files`. */
export async function makeProject(project, tarball, files) {
  mkdirSync(project, { recursive: true })
  await installPacked(project, tarball, { all: true })
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, name)), { recursive: true })
    writeFileSync(join(project, name), text)
  }
}

export const compile = (compiler, project) => run(process.execPath, [join(tools, compiler, 'bin/tsc'), '-p', project], { cwd: project })
export const esbuild = () => createRequire(join(folder, 'package.json'))('esbuild')
