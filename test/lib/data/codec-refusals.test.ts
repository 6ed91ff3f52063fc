import t from 'tap'
import { codec, roundTrip } from './sessions.ts'

t.test('a payload is refused for what is wrong with it', async (t) => {
  const table: readonly (readonly [string | Uint8Array, RegExp])[] = [
    [new Uint8Array([0xff, 0xfe]), /another codec wrote its payload: set the option codec to that one/],
    [Buffer.from('{"deadline":1,"values":{"a":"\xe4"}}', 'latin1'), /it is not UTF-8/],
    // Bytes that say that a length of more bytes follows, or of eight, and end.
    [new Uint8Array([0xff]), /another codec wrote its payload/],
    [new Uint8Array([0xfe, 1]), /another codec wrote its payload/],
    [new Uint8Array([0xf8, 1, 2, 3, 4, 5, 6, 7, 8, 9]), /another codec wrote its payload/],
    ['', /it is not JSON/],
    ['{', /it is not JSON/],
    ['{"deadline":1,"values":{}}x', /it is not JSON/],
    ['null', /another codec wrote its payload: set the option codec to that one/],
    ['7', /another codec wrote its payload: set the option codec to that one/],
    ['"text"', /another codec wrote its payload: set the option codec to that one/],
    ['[]', /another codec wrote its payload: set the option codec to that one/],
    ['{}', /another codec wrote its payload: set the option codec to that one/],
    ['{"deadline":"1","values":{}}', /another codec wrote its payload: set the option codec to that one/],
    ['{"deadline":null,"values":{}}', /another codec wrote its payload: set the option codec to that one/],
    ['{"deadline":1e999,"values":{}}', /it has no deadline/],
    ['{"deadline":-1e999,"values":{}}', /it has no deadline/],
    ['{"deadline":1e300,"values":{}}', /it has no deadline/],
    ['{"deadline":1}', /it has no values/],
    ['{"deadline":1,"values":null}', /it has no values/],
    ['{"deadline":1,"values":[]}', /it has no values/],
    ['{"deadline":1,"values":"text"}', /it has no values/],
    ['{"__proto__":{"deadline":1,"values":{}}}', /another codec wrote its payload: set the option codec to that one/],
  ]
  for (const [payload, message] of table) {
    t.throws(
      () => codec.decode(typeof payload === 'string' ? Buffer.from(payload) : payload),
      { code: 'FST_ERR_SCS_PAYLOAD', message },
      String(payload),
    )
  }
})

t.test('a wrong tag is refused with its cause', async (t) => {
  t.throws(() => codec.decode(Buffer.from('{"deadline":1,"tagged":true,"values":{"a":{"$":"nonsense"}}}')), {
    message: /its tags are wrong or nested too deep/,
    cause: { message: /it has an unknown tag/ },
  })
})

t.test('a tag that is never written is refused', async (t) => {
  const tags: readonly unknown[] = [
    ...['nonsense', '', '__proto__', 'constructor', 'toString', 'hasOwnProperty', null, 7, {}, [], { toString: 1 }].map(($) => ({
      $,
      v: [],
    })),
    ...[undefined, null, 1, '', '-', '1.5', '1n', '0x1', ' 1', '1e3', '9'.repeat(2468), []].map((v) => ({ $: 'bigint', v })),
    ...[undefined, null, '5', 8.64e15 + 1, 1e300, [], {}].map((v) => ({ $: 'date', v })),
    ...[undefined, null, 7, [], 'a b', 'ä', '===', 'a=a', '-_'].map((v) => ({ $: 'bytes', v })),
    ...[undefined, null, 7, 'ab', {}, [1], [[1]], [[1, 2, 3]], [{}], [['a', { $: 'x' }]]].map((v) => ({ $: 'map', v })),
    ...[undefined, null, 7, 'ab', {}, [{ $: 'x' }]].map((v) => ({ $: 'set', v })),
    ...[undefined, null, {}, [1], [['a']], [[1, 2]], [[null, 2]], [['a', { $: 'x' }]]].map((v) => ({ $: 'object', v })),
  ]
  for (const wrong of tags) {
    for (const values of [{ a: wrong }, { a: [wrong] }, { a: { b: wrong } }]) {
      const payload = JSON.stringify({ deadline: 1, tagged: true, values })
      t.throws(() => codec.decode(Buffer.from(payload)), { code: 'FST_ERR_SCS_PAYLOAD' }, payload.slice(0, 100))
    }
  }
})

t.test('what nobody could put is refused, and what can be put at the most is taken', async (t) => {
  const nest = (open: string, inner: string, shut: string, levels: number) => open.repeat(levels) + inner + shut.repeat(levels)
  const pairs: readonly (readonly [tagged: boolean, good: string, bad: string])[] = [
    [false, '1e308', '1e309'],
    [false, '{"a":[-1.7e308]}', '{"a":[-1.8e308]}'],
    [false, nest('[', '1', ']', 100), nest('[', '1', ']', 101)],
    [false, nest('{"a":', '1', '}', 100), nest('{"a":', '1', '}', 101)],
    [true, '1e308', '1e309'],
    [true, nest('[', '1', ']', 100), nest('[', '1', ']', 101)],
    [true, nest('{"a":', '1', '}', 100), nest('{"a":', '1', '}', 101)],
    [true, nest('{"$":"set","v":[', '1', ']}', 100), nest('{"$":"set","v":[', '1', ']}', 101)],
    [true, nest('{"$":"map","v":[[1,', '1', ']]}', 100), nest('{"$":"map","v":[[1,', '1', ']]}', 101)],
    [true, nest('{"$":"object","v":[["$",', '1', ']]}', 100), nest('{"$":"object","v":[["$",', '1', ']]}', 101)],
    [true, nest('[', '{"$":"date","v":5}', ']', 99), nest('[', '{"$":"date","v":5}', ']', 100)],
    [true, nest('[', '{"$":"bigint","v":"5"}', ']', 100), nest('[', '{"$":"bigint","v":"5"}', ']', 101)],
    [true, `{"$":"bigint","v":"${2n ** 8191n - 1n}"}`, `{"$":"bigint","v":"${2n ** 8191n}"}`],
    [true, `{"$":"bigint","v":"${-(2n ** 8191n)}"}`, `{"$":"bigint","v":"${-(2n ** 8191n) - 1n}"}`],
  ]
  for (const [tagged, good, bad] of pairs) {
    const decode = (value: string) => codec.decode(Buffer.from(`{"deadline":1,"tagged":${tagged},"values":{"a":${value}}}`)).values
    t.doesNotThrow(() => roundTrip(decode(good)), good.slice(0, 60))
    t.throws(() => decode(bad), { code: 'FST_ERR_SCS_PAYLOAD' }, bad.slice(0, 60))
  }
})

t.test('at the deepest place of all, what is no container is read, tagged or not', async (t) => {
  for (const part of ['null', 'true', '1', '"text"']) {
    for (const tagged of [true, false]) {
      const payload = `{"deadline":1,"tagged":${tagged},"values":{"a":${'['.repeat(100)}${part}${']'.repeat(100)}}}`
      t.doesNotThrow(() => codec.decode(Buffer.from(payload)), `${part}, ${tagged}`)
    }
  }
})

t.test('no message has a word of the payload, and neither has a cause', async (t) => {
  const secret = 'geheim'
  const payloads = [
    `{"deadline":1,"values":{"a":"${secret}}`,
    `"${secret}"`,
    secret,
    `{"deadline":"${secret}"}`,
    ...['bigint', 'date', 'bytes', 'map', 'set', 'object', secret].map(
      (kind) => `{"deadline":1,"tagged":true,"values":{"a":{"$":"${kind}","v":"${secret} "}}}`,
    ),
    `{"deadline":1,"tagged":true,"values":{"a":{"$":"map","v":[["${secret}"]]}}}`,
  ]
  for (const payload of payloads) {
    try {
      codec.decode(Buffer.from(payload))
      t.fail(`decoded: ${payload}`)
    } catch (error) {
      for (let each: unknown = error; each instanceof Error; each = each.cause) t.notMatch(`${each.message} ${each.stack}`, secret, payload)
    }
  }
})
