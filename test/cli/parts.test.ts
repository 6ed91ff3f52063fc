import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { checkedCodec, codecNamed } from '../../lib/cli/codecs.ts'
import { concurrently } from '../../lib/cli/concurrently.ts'
import { withDriver } from '../../lib/cli/drivers.ts'
import { messageOf, withoutSecrets } from '../../lib/cli/errors.ts'
import { harmless, jsonOf, Printer, shown } from '../../lib/cli/output.ts'
import { Progress } from '../../lib/cli/progress.ts'
import { terminalOf, whenInterrupted } from '../../lib/cli/terminal.ts'
import { timeLeft } from '../../lib/cli/time-left.ts'
import { GobCodec } from '../../lib/codecs/gob.ts'
import { JsonCodec } from '../../lib/data/codec.ts'

t.test('the time left is said in its two largest units', async (t) => {
  const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000]
  for (const [ms, text] of [
    [-1, 'over'],
    [0, 'over'],
    [999, 'under 1s'],
    [SECOND, '1s'],
    [MINUTE - 1, '59s'],
    [12 * MINUTE + 5 * SECOND, '12m 5s'],
    [HOUR, '1h'],
    [HOUR + 59 * SECOND, '1h'],
    [23 * HOUR + 59 * MINUTE, '23h 59m'],
    [400 * DAY + HOUR, '400d 1h'],
    [Number.POSITIVE_INFINITY, ''],
  ] as const)
    t.equal(timeLeft(ms), text)
})

t.test('a text from a session can do nothing to a terminal', async (t) => {
  t.equal(harmless('ada\u001b[2J\r\n\t\u009b\u202e é 界'), 'ada\\u001b[2J\\u000d\\u000a\\u0009\\u009b\\u202e é 界')
  t.equal(shown('\u001b'), "'\\x1B'")
})

t.test('JSON has the nearest of what it lacks', async (t) => {
  const values = { when: new Date(0), bytes: Buffer.from('a'), big: 7n, map: new Map([['a', new Set([1])]]) }
  t.equal(jsonOf(values), '{"when":"1970-01-01T00:00:00.000Z","bytes":"YQ==","big":"7","map":[["a",[1]]]}')
})

t.test('a table is drawn on a terminal, some rows at a time', async (t) => {
  const written: string[] = []
  const terminal = { drawsTables: true, write: async (text: string) => void written.push(text) }
  const printer = new Printer({ ...terminalOf(process, new AbortController()), ...terminal }, false, ['id', 'owner'])
  for (let i = 0; i < 501; i++) await printer.add({ json: {}, cells: [String(i), 'ada'] })
  t.equal(written.length, 1)
  await printer.end()
  await printer.end()
  t.equal(written[1], '┌─────┬───────┐\n│ id  │ owner │\n├─────┼───────┤\n│ 500 │ ada   │\n└─────┴───────┘\n')
})

t.test('progress is shown on a terminal, with its rate, and taken away', async (t) => {
  let now = 0
  const said: string[] = []
  const terminal = { ...terminalOf(process, new AbortController()), say: (text: string) => void said.push(text) }
  const silent = new Progress({ ...terminal, showsProgress: false }, 'read', () => now)
  const progress = new Progress({ ...terminal, showsProgress: true }, 'read', () => now)
  for (const each of [silent, progress]) each.add(100)
  now = 2000
  for (const each of [silent, progress]) each.add(4900)
  for (const each of [silent, progress]) each.end()
  t.same(said, ['\r\u001b[K5,000 sessions read, 2,500 a second', '\r\u001b[K'])
})

t.test('what is said of an error has no secret, and is the cause', async (t) => {
  const key = 'k'.repeat(43)
  t.equal(withoutSecrets(`no ${key} for pa%73s, pass`, ['pa%73s', 'pass']), 'no *** for ***, ***')
  t.equal(withoutSecrets(`${key}k`, []), `${key}k`, 'longer than a key')
  const store = Object.assign(new Error('The store failed'), {
    code: 'FST_ERR_SCS_STORE',
    cause: new AggregateError([new Error('refused')]),
  })
  t.equal(messageOf(store), 'refused')
  t.equal(messageOf(Object.assign(new Error(''), { code: 'ECONNRESET' })), 'ECONNRESET')
  t.equal(messageOf('a string'), 'a string')
})

t.test('a driver that is missing is told of, and another failure is that failure', async (t) => {
  const failing = (code: string) => withDriver('pg', () => Promise.reject(Object.assign(new Error('no'), { code })))
  for (const code of ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])
    await t.rejects(failing(code), { message: 'the driver pg is not installed here: npm install pg' })
  await t.rejects(failing('EACCES'), { message: 'no' })
})

t.test('a codec is known by its name', async (t) => {
  t.throws(() => checkedCodec('xml'), { message: 'a codec is json, gob, encrypted or encrypted-gob' })
  t.ok(codecNamed('json', {}) instanceof JsonCodec)
  t.ok(codecNamed('gob', {}) instanceof GobCodec)
})

t.test('so much is done at once and no more, and the first failure ends it after what is under way', async (t) => {
  let [running, most, done] = [0, 0, 0]
  async function* numbers() {
    for (let i = 0; i < 20; i++) yield i
  }
  const work = async (fails: boolean, i: number) => {
    most = Math.max(most, ++running)
    await sleep(1)
    running--
    done++
    if (fails && i === 5) throw new Error('five')
  }
  await concurrently(numbers(), 4, (i) => work(false, i))
  t.same([most, done], [4, 20])
  await t.rejects(
    concurrently(numbers(), 4, (i) => work(true, i)),
    { message: 'five' },
  )
  t.equal(running, 0)
  t.ok(done < 40)
})

/** The streams of a terminal. */
function streams() {
  const all = [new PassThrough(), new PassThrough({ highWaterMark: 4 }), new PassThrough()] as const
  const [stdin, stdout, stderr] = all.map((stream) => Object.assign(stream, { isTTY: true })) as unknown as typeof all
  return { stdin, stdout, stderr, env: {} }
}

t.test('a terminal asks, waits until there is room, and ends when its reader is gone', async (t) => {
  const [given, abort] = [streams(), new AbortController()]
  const terminal = terminalOf(given, abort)
  t.match(terminal, { drawsTables: true, canAsk: true, showsProgress: true })
  const asked = terminal.ask('End it? ')
  given.stdin.write('yes\n')
  t.equal(await asked, 'yes')
  const asks = given.stderr.read(given.stderr.readableLength)
  t.match(String(asks), 'End it? ')
  let isWritten = false
  const writing = terminal.write('more than four').then(() => {
    isWritten = true
  })
  await sleep(5)
  t.equal(isWritten, false)
  given.stdout.resume()
  await writing
  given.stdout.pause()
  const second = terminal.write('nobody reads this')
  given.stdout.emit('error', Object.assign(new Error('gone'), { code: 'EPIPE' }))
  await second
  t.ok(abort.signal.aborted)
  await terminal.write('and nobody waits')
})

t.test('a reader of standard error that goes away ends nothing', async (t) => {
  const [given, abort] = [streams(), new AbortController()]
  const terminal = terminalOf(given, abort)
  t.doesNotThrow(() => given.stderr.emit('error', Object.assign(new Error('gone'), { code: 'EPIPE' })))
  terminal.say('a warning')
  t.notOk(abort.signal.aborted)
})

t.test('Ctrl-C ends a question, and is heard from the process', async (t) => {
  const listeners: (() => void)[] = []
  const abort = whenInterrupted({ once: (_, listener) => listeners.push(listener) })
  const given = streams()
  const asked = terminalOf(given, abort).ask('Sure? ')
  listeners[0]?.()
  await t.rejects(asked)
  const other = new AbortController()
  const question = terminalOf(streams(), other)
  const again = streams()
  const answer = terminalOf(again, other).ask('Sure? ')
  again.stdin.write('\u0003')
  await t.rejects(answer)
  t.ok(question.signal.aborted)
})
