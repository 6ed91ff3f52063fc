import t from 'tap'
import * as errors from '../../lib/errors.ts'
import type { ScsErrorCode } from '../../types/errors.ts'

type Made = Error & { readonly code: string; readonly statusCode?: number }

/** Every code with its status: a code that is missing here, or too many, does not compile. */
const STATUS: Readonly<Record<ScsErrorCode, number>> = {
  FST_ERR_SCS_OPTION: 500,
  FST_ERR_SCS_KEY: 500,
  FST_ERR_SCS_VALUE: 500,
  FST_ERR_SCS_SCHEMA: 500,
  FST_ERR_SCS_ARGUMENT: 500,
  FST_ERR_SCS_ASSIGN: 500,
  FST_ERR_SCS_READONLY: 500,
  FST_ERR_SCS_TOO_LARGE: 500,
  FST_ERR_SCS_COMMITTED: 500,
  FST_ERR_SCS_OFF: 500,
  FST_ERR_SCS_NOT_LOADED: 500,
  FST_ERR_SCS_TOO_LATE: 500,
  FST_ERR_SCS_EDIT: 500,
  FST_ERR_SCS_UNSUPPORTED: 500,
  FST_ERR_SCS_PAYLOAD: 500,
  FST_ERR_SCS_UPGRADE: 500,
  FST_ERR_SCS_SAVE: 500,
  FST_ERR_SCS_NOT_FRESH: 401,
  FST_ERR_SCS_LIMIT: 409,
  FST_ERR_SCS_SUPERSEDED: 409,
  FST_ERR_SCS_CONFLICT: 503,
  FST_ERR_SCS_STORE: 503,
  FST_ERR_SCS_TIMEOUT: 503,
}

/** What a caller did wrong is a TypeError as well. */
const TYPE_ERRORS: readonly string[] = ['OPTION', 'KEY', 'VALUE', 'SCHEMA', 'ARGUMENT', 'ASSIGN', 'READONLY'].map(
  (name) => `FST_ERR_SCS_${name}`,
)

const cause = new Error('driver')
const made = Object.values(errors as unknown as Record<string, new (...args: unknown[]) => Made>).map(
  (Kind) => new Kind('the thing', 'the rule', { cause }),
)

t.test('the codes are a closed list', async (t) => {
  t.strictSame(made.map(({ code }) => code).sort(), Object.keys(STATUS).sort())
})

t.test('every error has its status, its kind, a sentence and its cause', async (t) => {
  for (const error of made) {
    t.equal(error.statusCode, STATUS[error.code as ScsErrorCode], error.code)
    t.type(error, Error)
    t.equal(error instanceof TypeError, TYPE_ERRORS.includes(error.code), error.code)
    t.match(error.message, /^[A-Zt].*\.(?: the thing the rule)?/)
    t.equal(error.cause, cause)
    t.ok(error.stack?.includes('errors.test'), 'the stack leads to where it was made')
  }
})

t.test('a sentence names the thing and the rule, or says what to do, and nothing of the cause', async (t) => {
  t.equal(new errors.OptionError('lifetime', 'must be long').message, 'Option lifetime must be long.')
  t.equal(new errors.KeyError('"__x"', 'is reserved').message, 'The session key "__x" is reserved.')
  t.equal(new errors.ArgumentError('find(token)', 'needs a token').message, 'find(token) needs a token.')
  t.equal(new errors.UnsupportedError('Listing', 'is not possible').message, 'Listing is not possible.')
  t.equal(new errors.TooLargeError('70000', 65535).message.startsWith('The session has 70000 bytes and may have 65535.'), true)
  for (const error of [
    new errors.StoreError({ cause }),
    new errors.TimeoutError(),
    new errors.ConflictError(),
    new errors.SupersededError(),
  ]) {
    t.match(error.message, /Try again\.$/)
    t.notMatch(error.message, 'driver')
  }
})
