import Fastify from 'fastify'
import t from 'tap'
import scsSession, { type ScsOptions } from '../../index.ts'
import { setCookies } from '../support/app.ts'

const ADMIN: ScsOptions = { decorators: { request: 'admin', instance: 'admins' }, cookie: { name: 'admin' } }

const codeOf = (error: unknown) => (error as { code?: unknown }).code

t.test('the same cookie twice in one application, or in a child of it, is refused at register with a clear error', async (t) => {
  const decorators = { request: 'other', instance: 'others' }
  const twice = Fastify()
  await twice.register(scsSession)
  await t.rejects(async () => await twice.register(scsSession, { decorators }), {
    code: 'FST_ERR_SCS_OPTION',
    message: /cookie\.name.*session/,
  })
  const child = Fastify()
  await child.register(scsSession)
  child.register(async (scope) => void (await scope.register(scsSession, { decorators })))
  await t.rejects(async () => await child.ready(), { code: 'FST_ERR_SCS_OPTION', message: /cookie\.name/ })
})

t.test('the same cookie in a child and then in the application around it is refused as well', async (t) => {
  const app = Fastify()
  await app.register(async (child) => void (await child.register(scsSession)))
  await t.rejects(async () => await app.register(scsSession, { decorators: ADMIN.decorators ?? {} }), {
    code: 'FST_ERR_SCS_OPTION',
    message: /cookie\.name .*session/,
  })
})

t.test('the same decorator twice is refused at register', async (t) => {
  for (const decorators of [{}, { request: 'other' }, { instance: 'others' }]) {
    const app = Fastify()
    await app.register(scsSession)
    const error = await app.register(scsSession, { decorators, cookie: { name: 'other' } }).then(
      () => undefined,
      (error: unknown) => error,
    )
    t.equal(codeOf(error), 'FST_ERR_DEC_ALREADY_PRESENT')
  }
})

t.test('a bad or unknown option rejects the register and ready(), and names the option', async (t) => {
  const BAD: ReadonlyArray<readonly [object, RegExp]> = [
    [{ lifetime: 'long' }, /lifetime/],
    [{ lifetme: '24h' }, /lifetme/],
    [{ store: {} }, /store/],
    [{ cookie: { name: 'a b' } }, /cookie\.name/],
    [{ cookie: { name: '__Host-x', path: '/sub' } }, /cookie\.path/],
    [{ cookie: { sameSite: 'none', secure: false } }, /cookie\.s/],
    [{ errorReply: 'sorry' }, /errorReply/],
    [{ decorators: { request: '' } }, /decorators\.request/],
    [{ decorators: { reply: 'x' } }, /decorators\.reply/],
    [{ idleTimeout: '1m', touchInterval: '2m' }, /touchInterval/],
    [{ log: { info() {}, warn() {} } }, /log/],
  ]
  for (const [options, names] of BAD) {
    const expected = { code: 'FST_ERR_SCS_OPTION', message: names }
    const app = Fastify()
    await t.rejects(async () => await app.register(scsSession, options as ScsOptions), expected)
    const later = Fastify()
    later.register(scsSession, options as ScsOptions)
    await t.rejects(async () => await later.ready(), expected)
  }
})

t.test('the options of register itself are nothing to the plugin', async (t) => {
  const app = Fastify()
  const options = { prefix: '/sub', logLevel: 'warn', lifetime: '1h' } as const
  await app.register(scsSession, options)
  app.get('/', async (request) => request.session.put('a', 1))
  t.match(setCookies(await app.inject('/'))[0], /Path=\/; .*Max-Age=3600/)
  t.same(options, { prefix: '/sub', logLevel: 'warn', lifetime: '1h' })
})
