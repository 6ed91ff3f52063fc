import t from 'tap'
import { schemaRules } from '../../../lib/data/schema.ts'
import type { KeySchemas, StandardResult } from '../../../types/schema.ts'

/** A schema as other libraries make one. */
const standard = (validate: (value: unknown) => StandardResult | Promise<StandardResult>) => ({
  '~standard': { version: 1 as const, vendor: 'test', validate },
})

const misfit = (...path: readonly unknown[]): StandardResult => ({ issues: [{ path }] })

const schema: KeySchemas = {
  name: standard((value) => (typeof value === 'string' ? { value } : { issues: [{}] })),
  user: standard((value) => (Object(value).id === 1 ? { value } : misfit({ key: 'id' }, 0))),
  trimmed: standard((value) => ({ value: String(value).trim() })),
  late: standard(async (value) => ({ value })),
  late2: standard(async () => Promise.reject(new Error('unseen'))),
}

t.test('what fits is taken, and other keys are refused', async (t) => {
  const { check, misfit } = schemaRules(schema)
  check('name', 'ann')
  check('user', { id: 1, more: [2] })
  check('trimmed', 'a')
  t.throws(() => check('other', 1), { code: 'FST_ERR_SCS_KEY' })
  t.equal(misfit({ name: 'ann', user: { id: 1 }, trimmed: 'a', other: 1 }), undefined)
})

t.test('what does not fit is refused with its path, and the value is not shown', async (t) => {
  const { check, misfit } = schemaRules(schema)
  t.throws(() => check('name', 7), {
    code: 'FST_ERR_SCS_SCHEMA',
    message: 'The session schema refuses the value at name: it does not fit the schema.',
  })
  t.throws(() => check('user', { id: 2 }), { message: 'The session schema refuses the value at user.id.0: it does not fit the schema.' })
  t.equal(misfit({ name: 'ann', user: { id: 2 } }), 'user.id.0')
})

t.test('a value that the schema changes is refused: what is stored would not be what was put', async (t) => {
  const { check, misfit } = schemaRules(schema)
  t.throws(() => check('trimmed', ' a'), { code: 'FST_ERR_SCS_SCHEMA', message: /it is changed by the schema \(a default, a transform, / })
  t.equal(misfit({ trimmed: ' a' }), 'trimmed')
})

t.test('a schema that answers with a promise is refused at put, and ends no stored session', async (t) => {
  const { check, misfit } = schemaRules(schema)
  for (const key of ['late', 'late2']) {
    t.throws(() => check(key, 1), {
      code: 'FST_ERR_SCS_OPTION',
      message: new RegExp(`^Option schema.${key} answers with a promise, and put`),
    })
    t.equal(misfit({ [key]: 1 }), undefined)
  }
})

t.test('a key with two leading underscores is refused', async (t) => {
  t.throws(() => schemaRules({ __a: standard((value) => ({ value })) }), { code: 'FST_ERR_SCS_OPTION', message: /two underscores/ })
})

t.test('a schema that fails, or returns no result, ends no session, and one that changes what it gets changes nothing', async (t) => {
  const odd: KeySchemas = {
    failing: standard(() => {
      throw new Error('secret')
    }),
    nothing: standard(() => undefined as never),
    changing: standard((value) => ({ value: Object.assign(value as object, { x: 1 }) })),
    empty: standard((value) => ({ value, issues: [] })),
    list: standard((value) => Object.assign([], { value })),
  }
  const { check, misfit } = schemaRules(odd)
  for (const [key, message] of [
    ['failing', 'Option schema.failing failed.'],
    ['nothing', 'Option schema.nothing must return what a Standard Schema returns: { value } or { issues }.'],
  ] as const) {
    t.throws(() => check(key, 1), { code: 'FST_ERR_SCS_OPTION', message })
    t.equal(misfit({ [key]: 1 }), undefined)
  }
  const value = { a: 1 }
  t.throws(() => check('changing', value), { code: 'FST_ERR_SCS_SCHEMA' })
  t.strictSame(value, { a: 1 })
  t.throws(() => check('empty', 1), { code: 'FST_ERR_SCS_SCHEMA' })
  check('list', 1)
})
