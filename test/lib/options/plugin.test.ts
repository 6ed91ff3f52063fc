import t from 'tap'
import { checkRouteSession, splitOptions } from '../../../lib/options/plugin.ts'

const split = (options: unknown) => splitOptions(options as object)

t.test('the options of a manager are set apart from those of the plugin and of Fastify', async (t) => {
  const errorReply = () => 'sorry'
  const adopt = () => undefined
  const given = Object.freeze({
    ...{ lifetime: '1h', owner: 'userId', adopt, errorReply, decorators: Object.freeze({ request: 'admin', instance: 'admins' }) },
    ...{ prefix: '/v1', logLevel: 'warn', logSerializers: {} },
  })
  t.strictSame(split(given), {
    manager: { lifetime: '1h', owner: 'userId' },
    adopt,
    errorReply,
    names: { request: 'admin', instance: 'admins' },
  })
  t.strictSame(
    Object.keys(given),
    ['lifetime', 'owner', 'adopt', 'errorReply', 'decorators', 'prefix', 'logLevel', 'logSerializers'],
    'nothing was changed',
  )
})

t.test('the names of the decorators have defaults, one by one', async (t) => {
  const table: readonly (readonly [object, object])[] = [
    [{}, { request: 'session', instance: 'sessions' }],
    [
      { decorators: undefined, errorReply: undefined, log: undefined },
      { request: 'session', instance: 'sessions' },
    ],
    [{ decorators: {} }, { request: 'session', instance: 'sessions' }],
    [{ decorators: { request: undefined, instance: undefined } }, { request: 'session', instance: 'sessions' }],
    [{ decorators: { request: 'admin' } }, { request: 'admin', instance: 'sessions' }],
    [{ decorators: { instance: 'admins' } }, { request: 'session', instance: 'admins' }],
  ]
  for (const [options, names] of table) t.strictSame(split(options).names, names)
})

t.test('a bad option throws FST_ERR_SCS_OPTION, which names the option and the rule', async (t) => {
  const table: readonly (readonly [unknown, RegExp])[] = [
    ...[undefined, null, 7, 'text', () => {}].map((options) => [options, /^Option \(all\) must be an object/] as const),
    ...[null, 7, 'text', {}, []].map(
      (errorReply) =>
        [{ errorReply }, /^Option errorReply must be a function \(error, request, reply\) => payload, or a promise of it/] as const,
    ),
    ...[null, 7, 'text', {}, []].map(
      (adopt) => [{ adopt }, /^Option adopt must be a function \(request\) => values, or a promise of them, such as from/] as const,
    ),
    ...[null, 7, 'text', [], () => {}].map((decorators) => [{ decorators }, /^Option decorators must be an object/] as const),
    ...['', 7, null, Symbol('s'), {}].map(
      (request) => [{ decorators: { request } }, /^Option decorators\.request must be a name/] as const,
    ),
    [{ decorators: { instance: '' } }, /^Option decorators\.instance must be a name/],
    [{ decorators: { reply: 'session' } }, /^Option decorators\.reply does not exist; there are request, instance/],
    [{ log: console }, /^Option log cannot be given to the plugin/],
  ]
  for (const [options, message] of table) t.throws(() => split(options), { code: 'FST_ERR_SCS_OPTION', message })
})

t.test('an option that does not exist is named, beside all that the plugin has', async (t) => {
  const names =
    'store, schema, upgrade, lifetime, idleTimeout, remember, touchInterval, cookie, token, codec, hashToken, owner, limit, client, maxBytes, storeTimeout, clock'
  for (const name of ['lifeTime', 'constructor', 'secret', 'toString']) {
    t.throws(() => split({ [name]: undefined }), {
      code: 'FST_ERR_SCS_OPTION',
      message: new RegExp(`^Option ${name} does not exist; there are ${names}, adopt, errorReply, decorators[. (;]`),
    })
  }
})

t.test('the config of a route turns the session off, or its touch, and anything else is refused', async (t) => {
  for (const value of [undefined, false, {}, { touch: true }, { touch: false }, { touch: undefined }, Object.freeze(Object.create(null))])
    t.doesNotThrow(() => checkRouteSession(value, 'GET /poll'))
  const rule = 'Option config.session of the route GET /poll must be false, or { touch: true } or { touch: false }.'
  const bad: readonly (readonly [unknown, string])[] = [
    ...[null, true, 0, 1, '', 'off', 'false', [], [false], () => false, new Date(0), new Map()].map((value) => [value, rule] as const),
    ...[null, 'no', 0, 1, {}].map((touch) => [{ touch }, rule] as const),
    ...['tuch', 'Touch', 'off'].map(
      (name) => [{ [name]: false }, `Option config.session.${name} of the route GET /poll does not exist; there is touch.`] as const,
    ),
  ]
  for (const [value, message] of bad) t.throws(() => checkRouteSession(value, 'GET /poll'), { code: 'FST_ERR_SCS_OPTION', message })
})
