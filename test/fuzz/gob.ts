import assert from 'node:assert'
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { inflateRawSync } from 'node:zlib'
import { GobWriter } from '../../lib/codecs/gob/writer.ts'
import { GobCodec } from '../../lib/codecs/gob.ts'
import { handOut } from '../../lib/data/values.ts'
import type { Target } from './fuzz.ts'
import { mutated } from './payload-pieces.ts'
import type { Random } from './random.ts'
import { codeOf } from './site.ts'

const codec = new GobCodec()

/** What Go wrote, without the largest. */
const CORPUS: readonly Buffer[] = readFileSync(new URL('../../../test/lib/codecs/gob-vectors.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => inflateRawSync(Buffer.from((JSON.parse(line) as { deflated: string }).deflated, 'base64')))
  .filter(({ length }) => length < 2000)

/** The payload of Go: mutated, or made of the pieces of the format without much sense. */
export async function startGobTarget(): Promise<Target<Buffer>> {
  return {
    name: 'gob',
    make: (random: Random) => (random.once(3) ? forged(random) : mutated(random, random.pick(CORPUS), CORPUS)),
    show: (data) => data.toString('base64'),
    close: async () => {},
    check,
  }
}

/** A session that can be read, handed out and saved as it is, or the one error. */
function check(data: Buffer): void {
  const before = Buffer.from(data)
  let decoded: ReturnType<typeof codec.decode>
  try {
    decoded = codec.decode(data)
  } catch (error) {
    assert.equal(codeOf(error), 'FST_ERR_SCS_PAYLOAD', String(error))
    return
  } finally {
    assert.equal(Buffer.compare(before, data), 0, 'the bytes are left as they were')
  }
  const { deadline, values } = decoded
  assert.ok(Number.isFinite(deadline))
  const again = codec.decode(codec.encode(deadline, values))
  assert.ok(isDeepStrictEqual([again.deadline, again.values], [deadline, values]), 'what is read is written as it was')
  for (const [key, value] of Object.entries(values)) handOut(value, key)
}

const NAMES: readonly string[] = [
  ...['int', 'int8', 'uint8', 'int64', 'float64', 'float32', 'string', '[]uint8', '[]string', '[]int', 'bool', 'complex64', 'complex128'],
  ...['time.Time', 'main.T', 'map[string]interface {}', '[]interface {}', '', 'main.User', 'x'.repeat(50)],
]

const IDS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 16, 23, 65, 66, 67, 68, 69, 70, 71, 99]

/** Definitions of anything, which may name each other and themselves, and a value that may have their forms. */
function forged(random: Random): Buffer {
  const writer = new GobWriter(256)
  const session = CORPUS[0] as Buffer
  if (!random.once(8)) writer.append(session.subarray(0, 96))
  for (let id = 68; id < 68 + random.int(4); id++) message(writer, () => define(random, writer, random.once(9) ? random.pick(IDS) : id))
  message(writer, () => {
    writer.int(random.once(9) ? random.pick(IDS) : 65)
    writer.uint(random.once(9) ? 2 : 1)
    writer.raw(random.list(16, () => random.int(256)).length === 15 ? Buffer.alloc(15, 1) : (session.subarray(-18, -3) as Buffer))
    writer.uint(1)
    writer.uint(random.once(20) ? 2 ** random.int(64) : 1 + random.int(3))
    for (let i = random.int(4); i >= 0; i--) {
      writer.text(random.pick(NAMES))
      held(random, writer, 4)
    }
    writer.uint(0)
  })
  return Buffer.from(writer.bytes)
}

function message(writer: GobWriter, write: () => void): void {
  const start = writer.begin()
  write()
  writer.end(start)
}

function define(random: Random, writer: GobWriter, id: number): void {
  writer.int(-id)
  writer.uint(random.once(9) ? random.int(12) : 1 + random.int(7))
  writer.uint(1)
  writer.uint(1)
  writer.text(random.pick(NAMES))
  writer.uint(0)
  for (let part = random.int(3); part > 0; part--) {
    writer.uint(1)
    writer.int(random.once(6) ? random.int(1 << 30) : random.pick(IDS))
  }
  writer.uint(0)
  if (!random.once(9)) writer.uint(0)
}

function held(random: Random, writer: GobWriter, depth: number): void {
  const name = random.pick(NAMES)
  writer.text(name)
  if (name === '') return
  if (random.once(6)) message(writer, () => define(random, writer, random.pick(IDS)))
  writer.int(random.pick(IDS))
  message(writer, () => {
    if (!random.once(3)) writer.uint(0)
    for (let parts = random.int(4); parts > 0; parts--) {
      if (depth > 0 && random.once(3)) held(random, writer, depth - 1)
      else if (random.once(3)) writer.raw(Buffer.from(random.list(16, () => random.int(256))))
      else writer.uint(random.once(6) ? 2 ** random.int(64) : random.int(4))
    }
  })
}
