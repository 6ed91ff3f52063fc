import Fastify from 'fastify'
import t from 'tap'
import scsSession from '../../index.ts'

t.test('contexts side by side can have managers with one cookie name', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  for (const prefix of ['/a', '/b']) app.register(async (scope) => void (await scope.register(scsSession, {})), { prefix })
  await t.resolves(async () => void (await app.ready()))
})
