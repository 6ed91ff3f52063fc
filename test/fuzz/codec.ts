import assert from 'node:assert'
import { inspect } from 'node:util'
import { JsonCodec } from '../../lib/data/codec.ts'
import { needsTags } from '../../lib/data/tags.ts'
import { MAX_BIGINT_BITS, MAX_DEPTH, seal } from '../../lib/data/values.ts'
import type { Target } from './fuzz.ts'
import { payload } from './payload-pieces.ts'
import type { Random } from './random.ts'
import { codeOf, same } from './site.ts'
import { type Made, makeValue } from './values.ts'

type Input = { readonly made: Made } | { readonly data: Buffer }

const codec = new JsonCodec()
const DEADLINE = Date.UTC(2030, 0, 2)
const TAGGED = `{"deadline":${DEADLINE},"tagged":true,`

/** Values into bytes and back, and bytes that nobody wrote into values. */
export async function startCodecTarget(): Promise<Target<Input>> {
  return {
    name: 'codec',
    make: (random: Random) => (random.once(2) ? { made: makeValue(random) } : { data: payload(random) }),
    show: (input) => ('data' in input ? JSON.stringify(input.data.toString()) : inspect(input.made, { depth: 8 })),
    close: async () => {},
    check: (input) => ('data' in input ? checkBytes(input.data) : checkValue(input.made)),
  }
}

function checkValue(made: Made): void {
  const { value, bad, open } = made
  let owned: unknown
  try {
    owned = seal(value, 'key', 65_535).value
  } catch (error) {
    mustBeDeclared(error as Error, made)
    return
  }
  assert.equal(bad.length, 0, `what stands at key${bad[0]} was taken`)
  assert.ok(isSound(owned), 'what was taken can be kept')
  for (const part of open) assert.ok(isClosed(part) || owned !== value || !holds(owned, part), 'what was taken is closed')
  mustComeBack(owned)
}

/** The error names the place, and nothing that was given is changed. */
function mustBeDeclared(error: Error, { bad, open }: Made): void {
  assert.equal(codeOf(error), 'FST_ERR_SCS_VALUE', String(error))
  assert.notEqual(bad.length, 0, `a good value was refused: ${error.message}`)
  const [path] = bad
  if (bad.length === 1)
    assert.ok(error.message.startsWith(`The session cannot keep the value at key${path}`), `${error.message} is not about key${path}`)
  for (const part of open) assert.ok(!isClosed(part), 'what was refused is left as it was')
}

const isClosed = (part: object): boolean => !Object.isExtensible(part) || Object.hasOwn(part, 'setTime') || Object.hasOwn(part, 'clear')

/** Whether a part is still in a value, which holds copies of what holds bytes. */
function holds(value: unknown, part: object): boolean {
  if (value === part) return true
  if (typeof value !== 'object' || value === null) return false
  const parts = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value)
  return !(value instanceof Uint8Array) && parts.some((each) => holds(each, part))
}

function mustComeBack(value: unknown): void {
  const encoded = codec.encode(DEADLINE, { value, other: 1 })
  const { deadline, values } = codec.decode(encoded)
  assert.equal(deadline, DEADLINE)
  assert.ok(same({ value, other: 1 }, values), 'it comes back as it was')
  assert.ok(same(codec.decode(codec.encode(deadline, values)).values, values), 'and again')
  assert.equal(needsTags({ value }), Buffer.from(encoded).toString('latin1', 0, TAGGED.length) === TAGGED, 'tags where they are needed')
}

/** Bytes that nobody wrote: a session that can be read, changed and saved, or the one error. */
function checkBytes(data: Buffer): void {
  const before = Buffer.from(data)
  let decoded: ReturnType<typeof codec.decode>
  try {
    decoded = codec.decode(data)
  } catch (error) {
    assert.equal(codeOf(error), 'FST_ERR_SCS_PAYLOAD', String(error))
    assert.notEqual(isReadable(data), true, 'a good payload was refused')
    return
  }
  assert.notEqual(isReadable(data), false, 'a bad payload was taken')
  assert.equal(Buffer.compare(before, data), 0, 'the bytes are left as they were')
  const { deadline, values } = decoded
  assert.ok(!Number.isNaN(new Date(deadline).getTime()), 'the deadline is a moment')
  for (const [key, value] of Object.entries(values)) {
    assert.ok(isSound(value), 'what is read could have been put in')
    seal(value, key, Number.POSITIVE_INFINITY)
  }
  assert.ok(same(codec.decode(codec.encode(deadline, values)).values, values), 'what is read is written as it was')
}

/** Whether bytes are a session, by the words of the format. Undefined when they hold tags, which are known to nobody but the codec. */
function isReadable(data: Buffer): boolean | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data))
  } catch {
    return false
  }
  if (!isObject(parsed)) return false
  const { deadline, tagged = false, values } = parsed
  if (typeof deadline !== 'number' || Number.isNaN(new Date(deadline).getTime()) || !isObject(values)) return false
  return tagged === false ? Object.values(values).every(isSound) : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Whether a value could have been put into a session: what a codec gives for bytes that it did not write must be nothing else, or the
 * session breaks later than where it is read. Says it in other words than lib/data/values.ts, and follows the nesting however deep it is.
 */
function isSound(value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (!level.every((each) => isSoundLeaf(each))) return false
    const containers = level.filter((each) => typeof each === 'object' && each !== null && !(each instanceof Uint8Array))
    if (containers.length > 0 && depth >= MAX_DEPTH) return false
    level = containers.flatMap((each) => partsOf(each as object))
  }
  return true
}

function isSoundLeaf(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value === 'bigint') return BigInt.asIntN(MAX_BIGINT_BITS, value) === value
  if (value instanceof Date) return !Number.isNaN(value.getTime())
  return ['string', 'boolean', 'object'].includes(typeof value)
}

function partsOf(value: object): unknown[] {
  if (value instanceof Map) return [...value].flat()
  if (value instanceof Set) return [...value]
  if (value instanceof Date) return []
  // What a put takes may have undefined in an object; it goes with the encoding.
  return Array.isArray(value) ? value : Object.values(value).filter((part) => part !== undefined)
}
