import { parse } from 'cookie'
import t from 'tap'
import { readCookie } from '../../../lib/http/cookie.ts'
import { fc } from '../../support/fc.ts'

// --- reading ---

const START = 'session='

t.test('one cookie is read as it stands: none, one, or several', async (t) => {
  const table: readonly (readonly [string, string | readonly string[] | undefined])[] = [
    ['', undefined],
    ['session', undefined],
    ['other=1', undefined],
    ['session=', ''],
    ['session=a', 'a'],
    ['a=1; session=b; c=2', 'b'],
    ['a=1;session=b;c=2', 'b'],
    [' \t session=b \t ', 'b'],
    [';;; session=b;;', 'b'],
    ['session=a=b=c', 'a=b=c'],
    ['session="a"', '"a"'],
    ['session=a%20b', 'a%20b'],
    ['session=a; session=b', ['a', 'b']],
    ['session=a; x=1; session=a; session=', ['a', 'a', '']],
    ['session=session=a', 'session=a'],
    ['session=;session=a', ['', 'a']],
    ['$Version=1; session=a; $Path=/', 'a'],
    ['$session=a', undefined],
    ['xsession=a', undefined],
    ['x session=a', undefined],
    ['x=session=a', undefined],
    ['x="; session=a; "', 'a'],
    ['x=",session=a"', undefined],
    ['=session=a', undefined],
    ['Session=a; SESSION=b', undefined],
    ['session =a', undefined],
    ['sess%69on=a', undefined],
    ['session=a\u00a0', 'a\u00a0'],
    ['session=a,session=b', 'a,session=b'],
  ]
  for (const [header, wanted] of table) t.strictSame(readCookie(header, START), wanted, JSON.stringify(header))
})

t.test('no trick makes a cookie of another name ours', async (t) => {
  const start = '__Host-x='
  const blanks = ['\u00a0', '\u2000', '\u2003', '\u2028', '\u3000', '\ufeff', '\u0085', '\u000b', '\u000c', '\n', '\r', '\0']
  const tricks = [
    ...blanks.flatMap((blank) => [`${blank}__Host-x=evil`, `a=1;${blank}__Host-x=evil`, `a=1; ${blank} __Host-x=evil`]),
    ...[
      '=__Host-x=evil',
      '=__Host-x',
      ' =__Host-x=evil',
      '%5F%5FHost-x=evil',
      '__%48ost-x=evil',
      '__host-x=evil',
      '__HOST-X=evil',
      '_Host-x=evil',
    ],
    ...[
      '__Host-x =evil',
      '__Host-x\t=evil',
      '"__Host-x=evil"',
      "'__Host-x=evil'",
      '$__Host-x=evil',
      'a="b; "__Host-x=evil',
      '__Host-x\u00a0=evil',
      '__Host-\u0445=evil',
    ],
  ]
  for (const trick of tricks) {
    t.equal(readCookie(trick, start), undefined, encodeURIComponent(trick))
    t.equal(readCookie(`${trick}; __Host-x=good`, start), 'good', 'beside the good one')
    t.equal(readCookie(`__Host-x=good; ${trick}`, start), 'good', 'after the good one')
  }
})

t.test('a header of any size is read', async (t) => {
  const many = Array.from({ length: 200 }, (_, i) => `session=${i}`)
  t.strictSame(
    readCookie(many.join('; '), START),
    Array.from({ length: 200 }, (_, i) => String(i)),
  )
  const filler = Array.from({ length: 200 }, (_, i) => `c${i}=${i}`).join('; ')
  t.equal(readCookie(`${filler}; session=a`, START), 'a')
  const big = 'x'.repeat(65_536)
  t.equal(readCookie(`session=${big}`, START), big)
  t.equal(readCookie(`${' '.repeat(65_536)}session=a${'\t'.repeat(65_536)}`, START), 'a')
  t.equal(readCookie('session= '.repeat(8000), START), `${' session='.repeat(7999)}`.replace(/^ /, ' '), 'only the first begins a pair')
})

t.test(
  'the first value of our name is the one that the cookie package reads, but for blanks around the equals sign, which no browser sends',
  async () => {
    const name = fc.constantFrom('session', 'Session', 'xsession', 'a', '', '__proto__', '$Version')
    const value = fc.string({ unit: fc.constantFrom(...'aB09=-_"\', ', 'session=', 'session') })
    const blank = fc.constantFrom('', ' ', '\t', '  ')
    const pair = fc
      .tuple(
        blank,
        name,
        fc.constantFrom('=', ''),
        value.map((text) => text.trim()),
        blank,
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const header = pairs.join(';').replace(/[ \t]*=[ \t]*/g, '=')
        const [first] = [readCookie(header, START) ?? []].flat()
        return first === parse(header)['session']
      }),
      { numRuns: 2000 },
    )
  },
)

t.test('every value that is read stands in the header behind our name', async () => {
  const piece = fc.oneof(fc.constantFrom('session=', ';', ' ', '=', '; '), fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 20 }).map((parts) => parts.join('')),
      (header) => [readCookie(header, START) ?? []].flat().every((value) => !value.includes(';') && header.includes(START + value)),
    ),
  )
})
