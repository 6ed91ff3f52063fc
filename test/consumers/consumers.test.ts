import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { LIMIT } from '../support/limit.ts'
import { root } from '../support/readme.ts'
import { postgresUrl, startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'

const load = async (name: string) => await import(pathToFileURL(join(root, 'test/support', name)).href)
const { makeApplication, quickConsumers, wrongOf } = await load('consumers.mjs')
const { packBuilt } = await load('consumer.mjs')

t.setTimeout(LIMIT)
// Outside of the checkout, whose packages and settings would be found from inside.
const folder = mkdtempSync(join(tmpdir(), 'fastify-scs-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const places = await makeApplication(folder, (await packBuilt(folder)).path)
const [redis, postgres] = [await startRedis(t), await startPostgres(t)]

for (const [i, consumer] of quickConsumers(places).entries())
  t.test(`an application logs a user in, or compiles: ${consumer.name}`, async (t) => {
    const env = { DATA: join(folder, `data-${i}`), REDIS: `redis://127.0.0.1:${redis.port}`, POSTGRES: postgresUrl(postgres) }
    t.equal(await wrongOf(consumer, { ...places, env }), undefined)
  })
