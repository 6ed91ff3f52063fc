import Fastify from 'fastify'
import scsSession, { MemoryStore, type ScsOptions } from 'fastify-scs'
import { type Static, Type } from 'typebox'

const schema = Type.Object({ userId: Type.String() })

declare module 'fastify-scs' {
  interface SessionData extends Static<typeof schema> {}
}

async function main(options: ScsOptions): Promise<void> {
  const app = Fastify()
  await app.register(scsSession, options)
  app.get('/', async ({ session }) => {
    session.put('userId', 'ada')
    // @ts-expect-error: the schema has no such key.
    session.get('name')
    return session.get('userId')
  })
  console.log(`memory: ${(await app.inject('/')).body}`)
  await app.close()
}

void main({ schema, store: new MemoryStore(), idleTimeout: '20m' })
