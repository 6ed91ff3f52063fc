import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import t from 'tap'
import { LIMIT } from '../support/limit.ts'
import { blocksOf, compilePrograms, root } from '../support/readme.ts'
import { usePostgres } from '../support/servers/postgres.ts'
import { useRedis } from '../support/servers/redis.ts'
import { betterSqlite3 } from '../support/sqlite.ts'

t.setTimeout(LIMIT)

/** What docs/stores.md takes for granted, by the words with which it is used. */
const GIVEN: ReadonlyArray<readonly [used: string, given: string]> = [
  ['connectionString', "const connectionString = process.env['DATABASE_URL']"],
  ['{ pool }', "import pg from 'pg'\nconst pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] })"],
  [
    'new PgStore',
    `import { createRequire } from 'node:module'
const load = createRequire(import.meta.url)
const PgStore = load('connect-pg-simple')(load('express-session'))`,
  ],
]

const BEFORE = "import Fastify from 'fastify'\nimport scsSession from 'fastify-scs'\n"
const AFTER = `
await app.register(scsSession, { store })
const { token } = await app.sessions.create({ userId: 'ada' })
const session = await app.sessions.find(token)
console.log(session?.get('userId'))
await app.close()
process.exit()
`

function programOf(text: string): string {
  const given = GIVEN.filter(([used]) => text.includes(used)).map(([, each]) => each)
  const addressed = text.replace("'redis://…'", "process.env['REDIS_URL'] ?? ''")
  return [BEFORE, ...given, 'const app = Fastify()', addressed, AFTER].join('\n')
}

const programs = blocksOf('docs/stores.md')
  .filter(({ language }) => ['js', 'ts'].includes(language))
  .map(({ text }) => {
    const name = /'fastify-scs\/stores\/(\w+)'/.exec(text)?.[1] ?? 'none'
    return { name, file: `${name}.ts`, text: programOf(text) }
  })

t.test('the programs of docs/stores.md keep sessions', async (t) => {
  t.same(programs.map(({ name }) => name).sort(), ['express', 'lmdb', 'postgres', 'redis', 'sqlite'])
  const built = compilePrograms('readme-stores', programs)
  betterSqlite3()
  const [redis, postgres] = [await useRedis(t), await usePostgres(t)]
  await makeExpressTable(postgres)
  // From dist/ the driver that is compiled for the tests would not be found.
  const drivers = fileURLToPath(new URL('../../node_modules', import.meta.url))
  const { NODE_OPTIONS: _, ...rest } = process.env
  const env = { ...rest, REDIS_URL: redis, DATABASE_URL: postgres, NODE_PATH: drivers }
  const cwd = t.testdir()
  for (const { name } of programs) {
    const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(built(`${name}.js`))], { cwd, env })
    t.equal(stdout, 'ada\n', name)
  }
})

/** The table that connect-pg-simple asks for, as it says. */
async function makeExpressTable(connectionString: string): Promise<void> {
  const sql = readFileSync(createRequire(`${root}package.json`).resolve('connect-pg-simple/table.sql'), 'utf8')
  const client = new pg.Client({ connectionString })
  await client.connect()
  await client.query(sql)
  await client.end()
}
