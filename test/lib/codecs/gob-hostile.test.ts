import t from 'tap'
import { handOut } from '../../../lib/data/values.ts'
import { codec, define, int, payload, session, uints, type Write } from './gob-pieces.ts'

const refuses = (data: Uint8Array, message: RegExp, name = String(message)) =>
  t.throws(() => codec.decode(data), { code: 'FST_ERR_SCS_PAYLOAD', message }, name)

t.test('what is no session of Go is refused with one error', async () => {
  const table: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(), /ends too early/],
    [Buffer.from('{"deadline":1,"values":{}}'), /JsonCodec wrote its payload: set the option codec to new JsonCodec\(\), or leave it out/],
    [Buffer.from('user|s:3:"ada";'), /another codec wrote its payload: set the option codec to that one/],
    [payload([]), /ends too early/],
    [payload([uints()]), /ends too early/],
    [payload([uints(int(65))]), /ends too early/],
    [payload([uints(int(6), 0, 'x')]), /it is no struct/],
    [payload([uints(int(99), 0)]), /does not define a type/],
    [payload([uints(2n ** 64n - 1n)]), /number is too large/],
    [payload([uints(int(65), 3, 0)]), /a field that its type lacks/],
    [payload([uints(int(65), 1, '', 0)]), /deadline is no time/],
    [payload([uints(int(65), 1, 'fifteen bytes..', 0)]), /deadline is no time/],
    [payload([(writer) => writer.append(Uint8Array.of(0xf6, ...new Array(10).fill(1)))]), /too many bytes/],
    [payload([session('string', int(6), 5, 1, 'x')]), /a value begins wrongly/],
    [payload([session('int64', int(6), 5, 0, 'x')]), /a wrong name/],
    [payload([session('[]int', int(6), 5, 0, 'x')]), /a wrong name/],
    [payload([session('x', int(8), 5, 0, '')]), /a wrong name/],
    [payload([session('x', int(68), 5, 0)]), /does not define a type/],
    [
      payload([session('float64', int(4), 5, 0, (writer) => writer.append(Uint8Array.of(0xf7, ...new Array(9).fill(1))))]),
      /too many bytes/,
    ],
    [payload([define(68, 2, 1, int(6), 0, 0, 7), session('x', int(68), 1, 0, 0)]), /something follows a definition/],
    [payload([define(68, 2, 1, int(6), 0, 0), define(68, 2, 1, int(6), 0, 0)]), /defines a type twice/],
    [payload([define(65, 2, 1, int(6), 0, 0)]), /defines a type twice/],
    [payload([define(6, 2, 1, int(6), 0, 0)]), /defines a type twice/],
    [payload([uints(int(-68), 0)]), /defines a type as nothing/],
    [payload([define(68, 8, 0, 0)]), /defines a type as nothing/],
    [payload([define(68, 4, 3, int(6), 0, 0)]), /too many parts/],
    [payload([define(68, 5, 0, 1, 0, 0)]), /defines a type as two things/],
    [payload([define(68, 2, 1, int(70), 0, 0), session('x', int(68), 1, 0, 0)]), /does not define a type/],
    [payload([define(68, 1, 1, int(2), 1, int(3), 0, 0), session('x', int(68), 1, 0, 2, 2, 2)]), /an array has another length/],
  ]
  for (const [data, message] of table) refuses(data, message)
})

t.test('fields may be missing, but not all, and none may have another type', async (t) => {
  const fields = (...named: readonly (readonly [string, number])[]): Write =>
    uints(int(-65), 3, 2, named.length, ...named.flatMap(([name, id]) => [1, name, 1, int(id), 0]), 0, 0)
  const map: Write = uints(int(-67), 4, 2, int(6), 1, int(8), 0, 0)
  const time: Write = uints(int(-66), 5, 1, 1, 'Time', 0, 0, 0)
  const read = (definition: Write, ...rest: readonly (number | string | Write)[]) =>
    codec.decode(payload([definition, map, time, uints(int(65), ...rest)], new Uint8Array()))
  t.match(read(fields(['Values', 67]), 1, 1, 'a', 'int', int(2), 2, 0, 4, 0), { deadline: -62135596800000, values: { a: 2 } })
  t.match(read(fields(['Extra', 67], ['Deadline', 66]), 1, 0, 0), { deadline: -62135596800000, values: {} })
  t.match(read(fields(['Values', 67], ['Deadline', 66]), 0), { values: {} })
  for (const wrong of [fields(['Other', 67]), fields(), fields(['Deadline', 6]), fields(['Values', 6]), fields(['Deadline', 67])])
    t.throws(() => read(wrong, 0), { code: 'FST_ERR_SCS_PAYLOAD' })
})

t.test('a length that the payload has no bytes for is refused at once', async (t) => {
  const million = 1_000_000
  const table: readonly (readonly [string, readonly Write[]])[] = [
    ['a string', [session('string', int(6), 5, 0, million)]],
    ['bytes', [session('[]uint8', int(5), 5, 0, 2 ** 40)]],
    ['a list', [define(68, 2, 1, int(8), 0, 0), session('x', int(68), 5, 0, million)]],
    ['a map', [define(68, 4, 1, int(6), 1, int(8), 0, 0), session('x', int(68), 5, 0, million)]],
    ['a map that is no object', [define(68, 4, 1, int(2), 1, int(8), 0, 0), session('x', int(68), 5, 0, million, 1, 1)]],
    ['the values', [uints(int(65), 2, million)]],
    ['fields', [uints(int(-68), 3, 2, million, 0)]],
    ['of 64 bits', [session('string', int(6), 5, 0, 2n ** 63n)]],
  ]
  for (const [name, messages] of table) {
    const [used, before] = [performance.now(), process.memoryUsage().heapUsed]
    refuses(payload(messages), /length goes beyond|number is too large/, name)
    t.ok(performance.now() - used < 1000)
    t.ok(process.memoryUsage().heapUsed - before < 2 ** 25)
  }
})

t.test('types that contain themselves, and values of any depth, end well', async (t) => {
  const nest = (open: readonly number[], depth: number): Write =>
    uints(int(65), 2, 1, 'k', 'x', int(68), 1, 0, ...Array.from({ length: depth }, () => open).flat(), 0, 0)
  const list = define(68, 2, 1, int(68), 0, 0)
  t.same(codec.decode(payload([list, nest([1], 3)])).values, { k: [[[[]]]] })
  handOut(codec.decode(payload([list, nest([1], 98)])).values['k'], 'k')
  for (const depth of [101, 50_000]) refuses(payload([list, nest([1], depth)]), /nested too deep/)
  // type T struct { T *T }
  const struct = define(68, 3, 1, 1, uints(1, 'T', 1, int(68), 0), 0, 0)
  const structs = (depth: number): Write =>
    uints(int(65), 2, 1, 'k', 'x', int(68), 1, ...Array.from({ length: depth }, () => 1), ...Array.from({ length: depth + 2 }, () => 0))
  t.same(codec.decode(payload([struct, structs(2)])).values, { k: { T: { T: {} } } })
  refuses(payload([struct, structs(20_000)]), /nested too deep/)
  // Interfaces in lists of interfaces.
  const any = define(68, 2, 1, int(8), 0, 0)
  const held = Array.from({ length: 3_000 }, () => ['x', int(68), 1, 0, 1] as const).flat()
  refuses(payload([any, session(...held)]), /nested too deep/)
  // A type of a hundred thousand fields.
  const wide = define(68, 3, 1, 100_000, (writer) => writer.append(Buffer.from('020400'.repeat(100_000), 'hex')), 0, 0)
  t.same(codec.decode(payload([wide, session('x', int(68), 1, 0, 0)])).values, { k: {} })
  // Types of types, and no value.
  const chain = Array.from({ length: 20_000 }, (_, i) => define(68 + i, 2, 1, int(69 + i), 0, 0))
  refuses(payload([...chain, session('x', int(68), 1, 0, 0)]), /does not define a type/)
})
