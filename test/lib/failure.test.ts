import t from 'tap'
import { ConflictError, StoreError, SupersededError, TimeoutError } from '../../lib/errors.ts'
import { isHarmless, toFailure } from '../../lib/failure.ts'

t.test('only a superseded session, and only under a safe method, leaves the reply as it stands', async (t) => {
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE']) t.ok(isHarmless(new SupersededError(), method), method)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'QUERY', 'get', ''])
    t.notOk(isHarmless(new SupersededError(), method), method)
  for (const error of [
    new ConflictError(),
    new TimeoutError(),
    new StoreError({ cause: 1 }),
    new Error('e'),
    undefined,
    { code: 'FST_ERR_SCS_SUPERSEDED' },
  ]) {
    t.notOk(isHarmless(error, 'GET'))
  }
})

t.test('an error with a code and a status is the failure itself', async (t) => {
  const others = [400, 418, 599].map((statusCode) => Object.assign(new Error('said'), { code: 'X', statusCode }))
  for (const error of [new SupersededError(), new TimeoutError(), new StoreError({ cause: 1 }), ...others]) t.equal(toFailure(error), error)
})

t.test('whatever else was thrown is a 500 that keeps it as the cause and says nothing of it', async (t) => {
  const codecs = new Error('geheim')
  const table: readonly (readonly [unknown, object])[] = [
    [codecs, codecs],
    [Object.assign(new Error('geheim'), { code: 'ENOENT' }), { message: 'geheim' }],
    [Object.assign(new Error('geheim'), { statusCode: 418 }), { message: 'geheim' }],
    ['geheim', { message: 'geheim' }],
    [undefined, { message: 'undefined' }],
    [null, { message: 'null' }],
    [{ statusCode: 418, code: 'X' }, { message: '[object Object]' }],
    ...[200, 399, 600, Number.NaN, '503', undefined].map(
      (statusCode) => [Object.assign(new Error('geheim'), { code: 'X', statusCode }), { message: 'geheim' }] as const,
    ),
    [Object.assign(new Error('geheim'), { code: 7, statusCode: 503 }), { message: 'geheim' }],
  ]
  for (const [thrown, cause] of table) {
    const failure = toFailure(thrown)
    t.match(failure, { code: 'FST_ERR_SCS_SAVE', statusCode: 500, message: /^The session could not be saved\./, cause })
    t.notMatch(failure.message, 'geheim')
  }
})
