import type { Random } from './random.ts'

const PIECES: readonly string[] = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\u',
    '\\ud800',
    'null',
    'true',
    '-',
    '.',
    'e',
    '1e999',
    '9'.repeat(310),
    '0',
    '-0',
    '[[[[',
  ],
  ...['{"$":"map","v":', '{"$":"date","v":', '{"$":"set","v":[', '"$":', '"__proto__":', '"__proto__":{"polluted":1},', '"constructor":'],
  ...['"deadline":', '"values":', '"tagged":true,', '"tagged":', '\0', ' ', '\ufeff', '\u2028', '//', '/*', 'NaN', 'Infinity', 'undefined'],
]

/** Bytes with a few changes, each of one of the ways in which bytes go wrong. */
export function mutated(random: Random, data: Buffer, corpus: readonly Buffer[]): Buffer {
  let changed = data
  for (let times = 1 + random.int(4); times > 0; times--) changed = once(random, changed, corpus)
  return changed
}

function once(random: Random, data: Buffer, corpus: readonly Buffer[]): Buffer {
  const at = random.int(data.length + 1)
  const to = Math.min(data.length, at + 1 + random.int(random.pick([1, 4, 32])))
  const [before, part, after] = [data.subarray(0, at), data.subarray(at, to), data.subarray(to)]
  switch (random.int(9)) {
    case 0:
      return before
    case 1:
      return after
    case 2:
      return Buffer.concat([before, after])
    case 3:
      return Buffer.concat([before, part, part, after])
    case 4:
      return Buffer.concat([before, Buffer.of(random.int(256)), after])
    case 5:
      return flipped(data, at, 1 << random.int(8))
    case 6:
      return spliced(random, before, corpus)
    case 7:
      return Buffer.concat([before, Buffer.from(random.pick(PIECES)), part, after])
    default:
      return Buffer.concat([before, Buffer.from(random.pick(PIECES)), after])
  }
}

function flipped(data: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(data)
  copy[at] = (copy[at] ?? 0) ^ bit
  return copy
}

/** The beginning of one and the end of another. */
function spliced(random: Random, before: Buffer, corpus: readonly Buffer[]): Buffer {
  const other = random.pick(corpus)
  return Buffer.concat([before, other.subarray(random.int(other.length))])
}
