const Fastify = require('fastify')
const { default: scsSession } = require('fastify-scs')
const { Type } = require('typebox')

test('a session with a schema', async () => {
  const app = Fastify()
  await app.register(scsSession, { schema: Type.Object({ userId: Type.String() }) })
  app.get('/', async ({ session }) => {
    session.put('userId', 'ada')
    return session.get('userId')
  })
  expect((await app.inject('/')).body).toBe('ada')
  await app.close()
})
