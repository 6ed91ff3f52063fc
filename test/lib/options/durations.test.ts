import t from 'tap'
import { MAX_DURATION, MAX_LIFETIME, parseDuration } from '../../../lib/options/durations.ts'
import { fc } from '../../support/fc.ts'

const UNITS: readonly (readonly [string, number])[] = [
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]

t.test('a duration is a number of milliseconds or a number with a unit', async (t) => {
  const good: readonly (readonly [unknown, number])[] = [
    [1, 1],
    [1500, 1500],
    [1500.4, 1500],
    [MAX_DURATION, MAX_DURATION],
    ['1ms', 1],
    ['90s', 90_000],
    ['20m', 1_200_000],
    ['24h', 86_400_000],
    ['30d', 2_592_000_000],
    ['1.5h', 5_400_000],
    ['0.5s', 500],
    ['1.25h', 4_500_000],
    ['0.000012d', 1037],
    ['007s', 7000],
    ['146000d', MAX_DURATION],
  ]
  for (const [given, ms] of good) t.equal(parseDuration(given), ms, String(given))
})

t.test('the longest lifetime is the 400 days for which browsers keep a cookie', async (t) => {
  t.equal(MAX_LIFETIME, parseDuration('400d'))
})

t.test('what is no duration gives undefined', async (t) => {
  const bad: readonly unknown[] = [
    ...[undefined, null, true, 20n, {}, [], [20], new Date(20), () => 20, Symbol('20m'), new String('20m'), new Number(20)],
    ...[0, -0, -1, 0.5, 0.999, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, MAX_DURATION + 1, Number.MAX_VALUE],
    ...[
      '',
      ' ',
      '20',
      'm',
      '20 m',
      ' 20m',
      '20m ',
      '20m\n',
      '20M',
      '20min',
      '20mm',
      '20m20s',
      '-20m',
      '+20m',
      '1e3s',
      '0x10s',
      'Infinitys',
      'NaNs',
    ],
    ...['.5s', '5.s', '1,5s', '1.2.3s', '0s', '0ms', '0.4ms', '0.5ms', '٣s', '146001d', `${'9'.repeat(15)}d`, '9'.repeat(400)],
  ]
  for (const given of bad) t.equal(parseDuration(given), undefined, typeof given === 'symbol' ? 'a symbol' : JSON.stringify(given, bigints))
})

t.test('a whole number of a unit is that many times the unit', async () => {
  fc.assert(
    fc.property(fc.constantFrom(...UNITS), fc.integer({ min: 1, max: 146_000 }), ([unit, ms], n) => {
      return parseDuration(`${n}${unit}`) === n * ms
    }),
  )
})

t.test('reading a duration never throws, and gives whole milliseconds between 1 and the longest, or undefined', async () => {
  const numberLike = fc
    .tuple(fc.oneof(fc.double().map(String), fc.string()), fc.constantFrom('ms', 's', 'm', 'h', 'd', ''))
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.double(), numberLike), (given) => {
      const ms = parseDuration(given)
      return ms === undefined || (Number.isSafeInteger(ms) && ms >= 1 && ms <= MAX_DURATION)
    }),
  )
})

function bigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}
