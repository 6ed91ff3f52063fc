// Sessions that bring their type along: several side by side, and no augmentation.
import Fastify from 'fastify'
import { defineSession, type ScsSession, type SessionManager } from 'fastify-scs'
import Type, { type Static } from 'typebox'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** `exactly<T>()(value, true)` compiles when the type of the value is T and no other. */
declare function exactly<Expected>(): <Actual>(value: Actual, same: Same<Actual, Expected>) => void

const AdminSchema = Type.Object({ adminId: Type.String(), rights: Type.Array(Type.String()) })
interface Visitor {
  theme: 'light' | 'dark'
  visits?: number
}

const admin = defineSession<Static<typeof AdminSchema>>({
  schema: AdminSchema,
  lifetime: '1h',
  decorators: { request: 'adminSession', instance: 'adminSessions' },
  cookie: { name: '__Host-admin' },
})
const visitor = defineSession<Visitor>()

const app = Fastify()
app.register(admin.plugin)
app.register(visitor.plugin, { cookie: { name: 'visitor' } })

app.get('/', async (request) => {
  const session = admin.of(request)
  exactly<ScsSession<{ adminId: string; rights: string[] }>>()(session, true)
  exactly<string | undefined>()(session.get('adminId'), true)
  exactly<readonly string[]>()(session.get('rights', [] as readonly string[]), true)
  exactly<'light' | 'dark'>()(visitor.of(request).get('theme', 'light'), true)
  exactly<number>()(visitor.of(request).get('visits', 0), true)
  visitor.of(request).put('theme', 'dark')
  session.update('rights', (rights = []) => [...rights, 'read'])

  // @ts-expect-error a key of the other session
  session.get('theme')
  // @ts-expect-error a wrong value
  visitor.of(request).put('theme', 'blue')
  // @ts-expect-error one session is not the other
  const wrong: ScsSession<Visitor> = session
  return wrong
})

app.get('/manager', async (request) => {
  const manager = admin.manager(app)
  exactly<SessionManager<{ adminId: string; rights: string[] }>>()(manager, true)
  await manager.create({ adminId: 'a1' })
  const found = await manager.find('token')
  exactly<string | undefined>()(found?.get('adminId'), true)
  await manager.destroyOwnedBy('a1', { except: admin.of(request) })

  // @ts-expect-error a key of the other session
  await manager.create({ theme: 'dark' })
  // @ts-expect-error the session of another manager
  await manager.destroyOwnedBy('a1', { except: visitor.of(request) })
})

// @ts-expect-error there is no such option
defineSession({ lifeTime: '1h' })
// @ts-expect-error the decorators are called request and instance
defineSession({ decorators: { reply: 'session' } })
