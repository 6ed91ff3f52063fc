import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import t from 'tap'
import { OpaqueValue } from '../../../lib/codecs/gob.ts'
import { root } from '../../support/readme.ts'
import { codec, define, int, payload, session, uints, type Write } from './gob-pieces.ts'

t.test('each cut of a payload is refused, and each changed byte is a session or refused', async (t) => {
  const lines = readFileSync(join(root, 'test/lib/codecs/gob-vectors.jsonl'), 'utf8').trim().split('\n')
  const vectors = lines.map((line) => JSON.parse(line) as { deflated: string; name: string; error?: string })
  for (const { deflated } of vectors.filter(({ error }) => error === undefined)) {
    const data = inflateRawSync(Buffer.from(deflated, 'base64'))
    if (data.length > 1000) continue
    for (let size = 0; size < data.length - 60; size++) {
      try {
        codec.decode(data.subarray(0, size))
        t.fail('a part was taken for the whole')
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'FST_ERR_SCS_PAYLOAD') t.fail(String(error))
      }
    }
  }
})

t.test('what is odd and yet read is written again as it was', async (t) => {
  const again = (data: Uint8Array): unknown => {
    const { deadline, values } = codec.decode(data)
    const { values: second } = codec.decode(codec.encode(deadline, values))
    t.same(second, values)
    return values
  }
  const key =
    (...bytes: readonly number[]): Write =>
    (writer) =>
      writer.raw(Uint8Array.from(bytes))
  const one: readonly (number | string | Write)[] = ['int8', int(2), 2, 0, 2]
  t.same(again(payload([uints(int(65), 2, 3, key(0xff), ...one, key(0xfe), ...one, key(0xc3, 0x28, 0xed, 0xa0, 0x80), ...one, 0)])), {
    ['\ufffd']: 1,
    ['\udcfe']: 1,
    ['\ufffd(\ufffd\ufffd\ufffd']: 1,
  })
  t.same(again(payload([session('int8', int(2), 3, 0, 600, 0)])), { k: 300 }, 'more than an int8')
  t.same(again(payload([session('', 0)])), { k: null })
  const interfaces = define(68, 3, 1, 1, uints(1, 'V', 1, int(8), 0), 0, 0)
  t.same(again(payload([interfaces, session('x', int(68), 3, 1, '', 0, 0)])), { k: {} }, 'a field with nil')
  const time = (...raw: readonly number[]) => payload([session('time.Time', int(66), 18, 0, key(...raw), 0)])
  const zeros = (count: number): number[] => new Array(count).fill(0)
  t.same(
    again(time(1, 0x7f, ...zeros(13))),
    { k: new OpaqueValue('time.Time', Uint8Array.of(1, 0x7f, ...zeros(13))) },
    'later than any Date',
  )
  t.same(again(time(2, ...zeros(15))), { k: new Date(-62135596800000) })
  for (const raw of [
    zeros(3),
    [3, ...zeros(14)],
    [1, ...zeros(8), 0xff, ...zeros(5)],
    [1, ...zeros(8), 0x7f, ...zeros(5)],
    [1, ...zeros(15)],
  ])
    t.same(again(time(...raw)), { k: new OpaqueValue('time.Time', Uint8Array.from(raw)) }, 'no time')
  const late = payload([uints(int(65), 1, key(1, 0x7f, ...zeros(13)), 0)])
  t.ok(codec.decode(late).deadline > 8.64e15)
  again(late)
  const text = define(68, 7, 0, 0)
  t.same(again(payload([text, session('x', int(68), 3, 0, 'hi', 0)])), { k: new OpaqueValue('x', Buffer.from('hi'), 'text') })
})

t.test('payloads that begin alike have their other types for themselves', async (t) => {
  const begin = define(68, 2, 1, int(2), 0, 0)
  const other = (id: number) =>
    uints(int(65), 2, 1, 'k', 'x', uints(int(-69), 2, 1, 1, 'T', 0, 1, int(id), 0, 0), uints(3, int(69), 4, 0, 1))
  for (let i = 0; i < 3; i++) {
    t.same(codec.decode(payload([begin, (writer) => uints(other(2), 4, 0)(writer)])).values, { k: [2] })
    t.same(codec.decode(payload([begin, (writer) => uints(other(6), 'a', 0)(writer)])).values, { k: ['a'] })
  }
  // More beginnings than are kept, and one that is too long to keep.
  for (let i = 0; i < 9; i++) t.same(codec.decode(payload([define(68 + i, 2, 1, int(2), 0, 0), uints(int(65), 0)])).values, {})
  const long = Array.from({ length: 50 }, (_, i) => define(68 + i, 2, 1, int(2), 0, 0))
  for (let i = 0; i < 2; i++) t.same(codec.decode(payload([...long, uints(int(65), 0)])).values, {})
})
