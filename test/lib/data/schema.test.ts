import t from 'tap'
import { Type } from 'typebox'
import { schemaRules } from '../../../lib/data/schema.ts'

const SECRET = 'geheim'

function failureOf(call: () => void): Error {
  try {
    call()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('it did not fail')
}

const schema = Type.Object({
  userId: Type.String({ minLength: 2 }),
  cart: Type.Array(Type.Object({ sku: Type.String(), count: Type.Integer({ minimum: 1 }) }, { additionalProperties: false })),
  theme: Type.Union([Type.Literal('light'), Type.Literal('dark')]),
  seen: Type.Optional(Type.Number()),
  'a/b': Type.String(),
})

t.test('a value that fits its key is taken', async (t) => {
  const rules = schemaRules(schema)
  const good: Readonly<Record<string, unknown>> = { userId: 'u1', cart: [{ sku: 's', count: 1 }], theme: 'dark', seen: 1.5, 'a/b': '' }
  for (const [key, value] of Object.entries(good)) t.doesNotThrow(() => rules.check(key, value), key)
  t.doesNotThrow(() => rules.check('cart', []))
  t.equal(rules.misfit(good), undefined)
})

t.test('a refusal says where and what was expected, and never what the value was', async (t) => {
  const rules = schemaRules(schema)
  const table: readonly (readonly [string, unknown, RegExp])[] = [
    ['userId', 7, /value at userId: it must be string\.$/],
    ['userId', 'u', /value at userId: it must not have fewer than 2 characters\.$/],
    ['userId', null, /value at userId: it must be string\.$/],
    ['cart', SECRET, /value at cart: it must be array\.$/],
    [
      'cart',
      [
        { sku: SECRET, count: 1 },
        { sku: 's', count: SECRET },
      ],
      /value at cart\.1\.count: it must be integer\.$/,
    ],
    ['cart', [{ sku: SECRET, count: 0 }], /value at cart\.0\.count: it must be >= 1\.$/],
    ['cart', [{ sku: SECRET }], /value at cart\.0: it must have required properties count\.$/],
    ['cart', [{ sku: SECRET, count: 1, more: SECRET }], /value at cart\.0/],
    ['theme', SECRET, /value at theme/],
    ['seen', SECRET, /value at seen: it must be number\.$/],
    ['a/b', 7, /value at a\/b: it must be string\.$/],
  ]
  for (const [key, value, message] of table) {
    t.throws(() => rules.check(key, value), { code: 'FST_ERR_SCS_SCHEMA', statusCode: 500, message }, `${key} ${message}`)
    t.notMatch(`${failureOf(() => rules.check(key, value)).stack}`, SECRET)
    t.match(rules.misfit({ [key]: value }), key)
  }
})

t.test('a key that the schema does not name is refused, unless additionalProperties allows it', async (t) => {
  const properties = { userId: Type.String() }
  for (const options of [{}, { additionalProperties: false }]) {
    const rules = schemaRules(Type.Object(properties, options))
    for (const key of ['other', 'constructor', '__proto__', 'toString', '']) {
      t.throws(() => rules.check(key, 'x'), {
        code: 'FST_ERR_SCS_KEY',
        message: `The session key ${JSON.stringify(key)} is not in the schema: add it there, or set additionalProperties.`,
      })
    }
  }
  const open = schemaRules(Type.Object(properties, { additionalProperties: true }))
  t.doesNotThrow(() => open.check('other', Symbol('anything')))
  t.throws(() => open.check('userId', 7), { code: 'FST_ERR_SCS_SCHEMA' }, 'a named key keeps its own rule')
  const numbers = schemaRules(Type.Object(properties, { additionalProperties: Type.Number() }))
  t.doesNotThrow(() => numbers.check('other', 7))
  t.throws(() => numbers.check('other', SECRET), { code: 'FST_ERR_SCS_SCHEMA', message: /value at other: it must be number/ })
})

t.test('stored values fit when those of the named keys do: other keys are carried, and none is required', async (t) => {
  for (const options of [{}, { additionalProperties: false }, { additionalProperties: Type.Number() }]) {
    const rules = schemaRules(Type.Object({ userId: Type.String(), theme: Type.String() }, options))
    t.equal(rules.misfit({}), undefined)
    t.equal(rules.misfit({ theme: 'dark' }), undefined)
    t.equal(rules.misfit({ theme: 'dark', older: { any: 1 }, __rememberMe: true, constructor: 1 }), undefined)
    t.equal(rules.misfit({ theme: 7 }), 'theme')
    t.equal(rules.misfit({ userId: 'u1', theme: null }), 'theme')
  }
  const cart = schemaRules(Type.Object({ cart: Type.Array(Type.Object({ count: Type.Integer() })) }))
  t.equal(cart.misfit({ cart: [{ count: 1 }, { count: 'geheim' }] }), 'cart.1.count', 'it says where, and not what')
})

t.test('a stored value that a refinement throws on does not fit', async (t) => {
  const trimmed = Type.Refine(Type.Unknown(), (value) => (value as string).trim() !== '')
  const rules = schemaRules(Type.Object({ name: trimmed }))
  t.equal(rules.misfit({ name: 'ann' }), undefined)
  t.equal(rules.misfit({ name: ' ' }), 'name')
  t.equal(rules.misfit({ name: 7 }), 'name')
})

t.test('a plain JSON Schema of an object is a schema', async (t) => {
  const rules = schemaRules({
    type: 'object',
    properties: {
      userId: { type: 'string', minLength: 2 },
      cart: { type: 'array', items: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' } } } },
    },
    required: ['userId'],
    additionalProperties: false,
  })
  t.doesNotThrow(() => rules.check('userId', 'u1'))
  t.throws(() => rules.check('userId', 'u'), { code: 'FST_ERR_SCS_SCHEMA', message: /value at userId/ })
  t.throws(() => rules.check('cart', [{}]), {
    code: 'FST_ERR_SCS_SCHEMA',
    message: /value at cart\.0: it must have required properties sku/,
  })
  t.throws(() => rules.check('other', 1), { code: 'FST_ERR_SCS_KEY' })
  t.equal(rules.misfit({ cart: [] }), undefined, 'what is required is not enforced')
})

t.test('a schema of the old package is refused at register, all of it or a part, and the message says what to do', async (t) => {
  const old = (schema: object) => ({ ...schema, [Symbol.for('TypeBox.Kind')]: 'Old' })
  const oldDate = old({ type: 'Date' })
  const schemas = [
    old({ type: 'object', properties: { at: oldDate } }),
    { type: 'object', properties: { at: oldDate } },
    Type.Object({ at: Type.Array(Type.Unsafe(oldDate)) }),
    Type.Object({ at: Type.Ref('#/$defs/At') }, { $defs: { At: oldDate } }),
    Type.Object({}, { additionalProperties: Type.Unsafe<object>(oldDate) }),
  ] as Parameters<typeof schemaRules>[0][]
  for (const each of schemas) {
    t.throws(() => schemaRules(each), {
      code: 'FST_ERR_SCS_OPTION',
      message: /^Option schema is made with the old package @sinclair\/typebox, .* package typebox 1\.x/,
    })
  }
  t.doesNotThrow(() => schemaRules({ type: 'object', properties: { at: { default: oldDate } } }), 'data is no schema')
})

t.test('a key that begins with two underscores is refused at register', async (t) => {
  for (const key of ['__csrf', '__rememberMe', '__']) {
    t.throws(() => schemaRules({ type: 'object', properties: { [key]: { type: 'string' } } }), {
      code: 'FST_ERR_SCS_OPTION',
      message: `Option schema.properties.${key} begins with two underscores, and such keys are reserved.`,
    })
  }
  t.doesNotThrow(() => schemaRules({ type: 'object', properties: { _csrf: { type: 'string' }, a__: {} } }))
})

t.test('a refusal without a detail still says that the value does not fit', async (t) => {
  const rules = schemaRules(Type.Object({ never: Type.Never(), odd: Type.Refine(Type.String(), (value) => value.length % 2 === 1) }))
  t.throws(() => rules.check('never', SECRET), { code: 'FST_ERR_SCS_SCHEMA', message: /value at never/ })
  t.throws(() => rules.check('odd', 'ab'), { code: 'FST_ERR_SCS_SCHEMA', message: /value at odd/ })
  t.doesNotThrow(() => rules.check('odd', 'abc'))
  let asked = 0
  const moody = schemaRules(Type.Object({ moody: Type.Refine(Type.String(), () => ++asked > 1) }))
  t.throws(() => moody.check('moody', SECRET), { code: 'FST_ERR_SCS_SCHEMA', message: /value at moody: it does not fit\.$/ })
})

t.test('a schema that cannot be compiled is refused at register, by its key', async (t) => {
  const table: readonly (readonly [Parameters<typeof schemaRules>[0], RegExp])[] = [
    [Type.Object({ bad: { type: 'string', pattern: '(' } }), /^Option schema\.properties\.bad cannot be compiled by TypeBox\.$/],
    [
      { properties: {}, additionalProperties: { type: 'string', pattern: '(' } },
      /^Option schema\.additionalProperties cannot be compiled by TypeBox\.$/,
    ],
  ]
  for (const [bad, message] of table) {
    t.throws(() => schemaRules(bad), { code: 'FST_ERR_SCS_OPTION', message })
    t.type(failureOf(() => schemaRules(bad)).cause, Error)
  }
})
