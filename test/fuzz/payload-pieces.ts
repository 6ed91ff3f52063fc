import { JsonCodec } from '../../lib/data/codec.ts'
import { MAX_DEPTH } from '../../lib/data/values.ts'
import { Random, seeded, text, WORDS } from './random.ts'
import { makeValue } from './values.ts'

/** A day after the clock of the tests. */
const DEADLINE = Date.UTC(2030, 0, 2)

/** Sessions as the codec writes them, to start from. */
const CORPUS: readonly Buffer[] = Array.from({ length: 300 }, (_, i) => {
  const random = new Random(seeded(0, i))
  const entries = random.list(4, (): [string, unknown] => [text(random), makeValue(random, Number.POSITIVE_INFINITY)])
  const good = entries.flatMap(([key, made]) => {
    const { value, bad } = made as ReturnType<typeof makeValue>
    return bad.length === 0 ? [[key, value] as const] : []
  })
  return Buffer.from(new JsonCodec().encode(DEADLINE, Object.fromEntries(good)))
})

/** Bytes that a store may hold. */
export function payload(random: Random): Buffer {
  switch (random.int(8)) {
    case 0:
      return random.pick(CORPUS)
    case 1:
    case 2:
    case 3:
      return mutated(random, random.pick(CORPUS), CORPUS)
    case 4:
      return mutated(random, Buffer.from(forged(random)), CORPUS)
    case 5:
      return Buffer.from(random.list(64, () => random.int(256)))
    default:
      return Buffer.from(forged(random))
  }
}

/** JSON that nobody wrote: an envelope, and in it whatever the grammar allows and our tags do not. */
function forged(random: Random): string {
  const values = random.once(12) ? json(random, 3) : record(random, 4)
  const deadline = random.once(6) ? random.pick(DEADLINES) : String(DEADLINE)
  const tagged = random.pick(['', '"tagged":true,', '"tagged":true,', '"tagged":false,', '"tagged":0,', '"tagged":null,', '"tagged":"no",'])
  const extra = random.once(8) ? `"${random.pick(['__proto__', 'deadline', 'values', 'tagged'])}":${json(random, 2)},` : ''
  return `{${extra}"deadline":${deadline},${tagged}"values":${values}}`
}

const DEADLINES: readonly string[] = [
  ...['0', '-1', '1e999', '-1e999', '1e300', '8.64e15', '8640000000000001', '253402300799001', 'null', '"2030"', '[1900000000000]', '{}'],
  ...['NaN'],
  ...['1893456000000', '1893456000001', '1900000000000.5', '19e11', '-0', '1e-400', 'true', '1'.repeat(400)],
]

const NUMBERS: readonly string[] = [
  ...['0', '-0', '1', '-1.5e-7', '1e308', '1.8e308', '1e309', '-1e999', '1e-999', '9007199254740993', '8.64e15', '8640000000000001'],
  ...['1'.repeat(308), '1'.repeat(310), `0.${'0'.repeat(400)}1`, '-0.0'],
]

const LITERALS: readonly string[] = ['null', 'true', 'false', '""', '[]', '{}', '"\\ud800"', '"\\u0000"', '"x"']

function json(random: Random, depth: number): string {
  const kind = random.int(depth === 0 ? 3 : 9)
  switch (kind) {
    case 0:
      return random.pick(LITERALS)
    case 1:
      return random.pick(NUMBERS)
    case 2:
      return JSON.stringify(text(random))
    case 3:
    case 4:
      return `[${random.list(4, () => json(random, depth - 1)).join(',')}]`
    case 5:
    case 6:
      return tagged(random, depth - 1)
    case 7:
      return random.once(6) ? nested(random) : record(random, depth - 1)
    default:
      return record(random, depth - 1)
  }
}

/** Keys may come twice, and may be words that mean something to JavaScript. */
function record(random: Random, depth: number): string {
  return `{${random.list(4, () => `${JSON.stringify(text(random))}:${json(random, Math.max(0, depth - 1))}`).join(',')}}`
}

const KINDS: readonly string[] = ['-0', 'bigint', 'date', 'bytes', 'map', 'set', 'object']

const TAG_VALUES: readonly string[] = [
  ...['"1"', '"-0"', '"00"', '"1.5"', '"0x1"', '""', '"AQI="', '"A==="', '"a b"', '5', 'null', '8.64e15', '1e999', '1.5', '[]', '[[]]'],
  ...['[["a",1]]'],
  ...['[["a",1,2]]', '[1,1]', '{}', '"constructor"', '[["__proto__",{"x":1}]]', '[["$","map"]]', `"${'9'.repeat(2466)}"`],
  ...[`"${'9'.repeat(2467)}"`, `"-${'1'.repeat(2466)}"`, `"${'9'.repeat(9000)}"`, `"${'A'.repeat(999)}"`],
]

function tagged(random: Random, depth: number): string {
  const kind = random.once(6) ? json(random, 0) : JSON.stringify(random.once(6) ? random.pick(WORDS) : random.pick(KINDS))
  const parts = random.once(4)
    ? `,"v":[[${json(random, Math.max(0, depth))},${json(random, 0)}]]`
    : `,"v":[${json(random, Math.max(0, depth))}]`
  const value = random.once(2) ? `,"v":${random.pick(TAG_VALUES)}` : parts
  return `{"$":${kind}${value}${random.once(10) ? random.pick([',"w":1', ',"__proto__":{"polluted":1}', ',"__proto__":null', ',"$":"map"']) : ''}}`
}

const SHELLS: readonly (readonly [open: string, shut: string])[] = [
  ['[', ']'],
  ['{"a":', '}'],
  ['{"__proto__":', '}'],
  ['{"$":"set","v":[', ']}'],
  ['{"$":"map","v":[[1,', ']]}'],
  ['{"$":"object","v":[["$",', ']]}'],
  ['{"$":', '}'],
]

function nested(random: Random): string {
  const levels = random.once(40)
    ? random.pick([1000, 10_000, 100_000])
    : random.pick([2, MAX_DEPTH - 5, MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 300])
  const [open, shut] = random.pick(SHELLS)
  return `${open.repeat(levels)}${json(random, 0)}${random.once(10) ? '' : shut.repeat(levels)}`
}

/** Far more than any session should have. */
export function enormous(random: Random, bytes: number): Buffer {
  const unit = random.pick(['0,', '[],', '{"a":1},', '"\\ud800",', '1e5,', '"a",', '{"$":"bigint","v":"1"},', '{"$":"date","v":1},'])
  const whole = `[${unit.repeat(Math.floor(bytes / unit.length))}0]`
  return Buffer.from(`{"deadline":${DEADLINE},"tagged":${random.once(2)},"values":{"a":${whole}}}`)
}

const PIECES: readonly string[] = [
  ...['{', '}', '[', ']', ',', ':', '"', '\\', '\\u', '\\ud800', 'null', 'true', '-', '.', 'e', '1e999', '9'.repeat(310), '0', '-0'],
  ...['[[[['],
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
