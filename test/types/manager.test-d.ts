// The manager: sessions without a request.
import Fastify from 'fastify'
import scsSession, { type CreatedSession, type ListedSession, MemoryStore, type ScsSession, SessionManager } from 'fastify-scs'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** `exactly<T>()(value, true)` compiles when the type of the value is T and no other. */
declare function exactly<Expected>(): <Actual>(value: Actual, same: Same<Actual, Expected>) => void

export async function main(): Promise<void> {
  const app = Fastify()
  await app.register(scsSession, { owner: 'userId' })
  exactly<SessionManager>()(app.sessions, true)

  const created = await app.sessions.create({ userId: 'u1' })
  exactly<CreatedSession>()(created, true)
  exactly<string>()(created.token, true)
  exactly<number>()(created.expiresAt, true)
  await app.inject({ url: '/', cookies: created.cookie })

  const found = await app.sessions.find(created.token)
  exactly<ScsSession | undefined>()(found, true)
  exactly<unknown>()(found?.get('userId'), true)
  exactly<Promise<string | undefined> | undefined>()(found?.commit(), true)

  for await (const listed of app.sessions.all()) {
    exactly<ListedSession>()(listed, true)
    exactly<string | undefined>()(listed.owner, true)
    exactly<Date>()(listed.deadline, true)
    exactly<unknown>()(listed.values['userId'], true)
    // @ts-expect-error a listing shows and does not change
    listed.id = ''
  }
  for await (const { id } of app.sessions.ownedBy(7)) exactly<boolean>()(await app.sessions.destroy(id, { owner: 7n }), true)
  app.post('/others', async ({ session }) => exactly<number>()(await app.sessions.destroyOwnedBy('u1', { except: session }), true))
  exactly<number>()(await app.sessions.count(), true)
  await app.sessions.close()

  // @ts-expect-error an object of values
  await app.sessions.create('u1')
  // @ts-expect-error a token
  await app.sessions.find(1)
  // @ts-expect-error an owner is a string, a number or a bigint
  app.sessions.ownedBy({ id: 1 })
  // @ts-expect-error the session itself, not its id
  await app.sessions.destroyOwnedBy('u1', { except: 'id' })

  const typed = new SessionManager<{ userId: string; visits?: number }>({ store: new MemoryStore() })
  await typed.create({ userId: 'u1' })
  exactly<number | undefined>()((await typed.find('token'))?.get('visits'), true)
  for await (const { values } of typed.all()) exactly<string | undefined>()(values.userId, true)
  // @ts-expect-error a wrong value
  await typed.create({ visits: '1' })
  // @ts-expect-error there is no such key
  await typed.create({ user: 'u1' })
}
