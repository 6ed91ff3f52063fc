import t from 'tap'
import { readTokenHeader, settleTokenHeader } from '../../../lib/http/token-header.ts'
import type { TokenOptions } from '../../../types/options.ts'

const settled = (options: unknown) => settleTokenHeader(options as TokenOptions)

t.test('a header is known by its name in lower case, and its scheme as it was given', async (t) => {
  t.strictSame(settled({ header: 'X-Session-Token' }), { name: 'x-session-token', scheme: undefined })
  t.strictSame(settled({ header: 'Authorization', scheme: 'Bearer' }), { name: 'authorization', scheme: 'Bearer' })
  t.strictSame(settled(Object.freeze({ header: 'x', scheme: undefined })), { name: 'x', scheme: undefined })
})

t.test('a bad header or scheme throws FST_ERR_SCS_OPTION, which names it', async (t) => {
  const table: readonly (readonly [object, RegExp])[] = [
    [{}, /^Option token\.header must be the name of a header/],
    ...[null, '', 7, 'a b', 'a:b', 'ä', 'a\n', 'cookie', 'Cookie', 'Set-Cookie', {}].map(
      (header) => [{ header }, /^Option token\.header must be the name of a header, .* and neither cookie nor set-cookie/] as const,
    ),
    ...[null, '', 7, 'Bearer ', 'a b', {}].map((scheme) => [{ header: 'x', scheme }, /^Option token\.scheme must be one word/] as const),
    ...['authorization', 'Authorization'].map(
      (header) => [{ header }, /^Option token\.scheme must be given for the header authorization/] as const,
    ),
    [{ header: 'x', prefix: 'Bearer' }, /^Option token\.prefix does not exist; there are header, scheme/],
  ]
  for (const [options, message] of table) t.throws(() => settled(options), { code: 'FST_ERR_SCS_OPTION', message })
})

t.test('a token stands in its header, behind its scheme, and what is empty or of another scheme is none', async (t) => {
  const plain = settled({ header: 'X-Token' })
  const bearer = settled({ header: 'authorization', scheme: 'Bearer' })
  const table: readonly (readonly [typeof plain, string | string[] | undefined, string | undefined])[] = [
    [plain, undefined, undefined],
    [plain, '', undefined],
    [plain, ' \t', undefined],
    [plain, 'abc', 'abc'],
    [plain, ' abc ', 'abc'],
    [plain, 'Bearer abc', 'Bearer abc'],
    [plain, ['abc', 'abc'], undefined],
    [bearer, undefined, undefined],
    [bearer, 'Bearer abc', 'abc'],
    [bearer, 'bearer   abc', 'abc'],
    [bearer, 'BEARER abc def', 'abc def'],
    [bearer, 'Bearer', undefined],
    [bearer, 'Bearer ', undefined],
    [bearer, 'Bearerabc', undefined],
    [bearer, 'Bearer\tabc', undefined],
    [bearer, 'Basic abc', undefined],
    [bearer, 'abc', undefined],
    [bearer, '', undefined],
  ]
  for (const [header, value, token] of table)
    t.equal(readTokenHeader({ [header.name]: value, other: 'x' }, header), token, JSON.stringify(value))
})
