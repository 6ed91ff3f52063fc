import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { BoltFile } from '../../lib/cli/bolt.ts'
import { boltStore } from '../../lib/cli/bolt-store.ts'
import { FailedError } from '../../lib/cli/errors.ts'
import { publicId } from '../../lib/token.ts'
import { branch, HEADER, leaf, PAGE, pageOf } from '../support/bolt-pages.ts'
import { BOLT, hasNoSecret, jsonLines, scs } from '../support/cli.ts'
import { placeFor } from '../support/lmdb.ts'

interface Expected {
  readonly token: string
  readonly key: string
  readonly expiry: string
  readonly expired: boolean
  readonly data: string
}

const expected: Record<string, Expected[]> = JSON.parse(readFileSync(join(BOLT, 'expected.json'), 'utf8'))
const whole = readFileSync(join(BOLT, 'sessions.db'))

/** A file with these bytes. */
function fileOf(t: Test, bytes: Buffer): string {
  const path = join(t.testdir(), 'a.db')
  writeFileSync(path, bytes)
  return path
}

/** What a reader makes of a file: its entries, or why not. */
function read(path: string): string[] | string {
  try {
    const file = new BoltFile(path)
    try {
      return [...file.sessions()].map(({ key, value }) => `${key} ${value.toString('base64')}`)
    } finally {
      file.close()
    }
  } catch (error) {
    if (error instanceof FailedError) return error.message
    throw error
  }
}

for (const [name, sessions] of Object.entries(expected)) {
  t.test(`${name} is read as bbolt reads it`, async (t) => {
    const keyOf = (session: Expected) => (name === 'sessions.db' ? session.token : session.key)
    const lines = sessions.map((session) => {
      const expiry = Buffer.alloc(8)
      expiry.writeBigInt64BE(BigInt(session.expiry))
      return `${keyOf(session)} ${Buffer.concat([expiry, Buffer.from(session.data, 'base64')]).toString('base64')}`
    })
    t.same(read(join(BOLT, name)), lines.sort(), 'every entry, in order')
    const living = sessions.filter(({ expired }) => !expired)
    const url = `bolt:${join(BOLT, name)}`
    t.same(await scs(['count', url]), { code: 0, out: `${living.length}\n`, err: '' })
    const listed = await scs(['list', url, '--codec', 'json', '--json'])
    hasNoSecret(t, listed)
    t.same(
      jsonLines(listed.out)
        .map(({ id, expiresAt }) => [id, expiresAt])
        .sort(),
      living.map((session) => [publicId(keyOf(session)), Number(BigInt(session.expiry) / 1_000_000n)]).sort(),
    )
    const target = `lmdb:${placeFor(t)}`
    t.match(await scs(['import', url, target]), { code: 0, out: `${living.length} carried, 0 already there` })
    t.equal((await scs(['count', target])).out, `${living.length}\n`)
  })
}

t.test('a bolt file is only read, and keeps no owners', async (t) => {
  t.throws(() => boltStore(join(BOLT, 'empty.db')).delete('a'), { message: 'a bolt file is only read' })
  const url = `bolt:${join(BOLT, 'sessions-json.db')}`
  for (const args of [['clean'], ['migrate'], ['revoke', '--all', '-y']]) {
    t.match(await scs([...args, url]), { code: 2, err: 'a bolt file is only read' }, String(args[0]))
  }
  t.match(await scs(['import', 'lmdb:x', url]), { code: 2, err: 'import from it, not to it' })
  t.match(await scs(['list', url, '--codec', 'json', '--owner', 'user-18']), { code: 1, err: '--owner-key' })
  t.match(await scs(['list', url, '--codec', 'json', '--owner', 'user-18', '--owner-key', 'userId']), { code: 0, out: 'user-18\t' })
})

t.test('with a torn meta page the state is that of the transaction before', async (t) => {
  const counts = [0, 1].map((meta) => {
    const torn = Buffer.from(whole)
    torn.fill(0, meta * PAGE + HEADER, meta * PAGE + 60)
    return read(fileOf(t, torn)).length
  })
  t.same(counts.sort(), [19, 20])
})

t.test('what is no bolt file, or is cut off at any page, is refused in a sentence', async (t) => {
  const copy = join(t.testdir(), 'cut.db')
  for (const size of [0, 10, 80, 4000, ...Array.from({ length: whole.length / PAGE }, (_, page) => page * PAGE)]) {
    copyFileSync(join(BOLT, 'sessions.db'), copy)
    truncateSync(copy, size)
    const result = read(copy)
    if (typeof result === 'string') t.match(result, /^(this is not a bolt file: .+|the bolt file is damaged: .+)$/, `${size} bytes`)
    else t.equal(result.length, 20, `${size} bytes are enough`)
  }
  t.match(read(fileOf(t, Buffer.from('no file of bbolt'.repeat(9999)))), 'this is not a bolt file')
  copyFileSync(join(BOLT, 'sessions.db'), copy)
  const file = new BoltFile(copy)
  truncateSync(copy, 3 * PAGE)
  t.throws(() => [...file.sessions()], { message: /it became shorter/ })
  file.close()
})

t.test('bytes that are flipped at random are an error or a result, and never a hang', async (t) => {
  let seed = 42
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  const results = { read: 0, refused: 0 }
  const path = fileOf(t, whole)
  for (let round = 0; round < 3000; round++) {
    const bytes = Buffer.from(whole)
    // Most in the first bytes of a page, where its structure is.
    for (let flips = 1 + random(4); flips > 0; flips--) bytes[random(16) * PAGE + random(random(2) === 0 ? 64 : PAGE)] = random(256)
    writeFileSync(path, bytes)
    results[typeof read(path) === 'string' ? 'refused' : 'read']++
  }
  t.ok(results.read > 100 && results.refused > 100, `${results.read} read, ${results.refused} refused`)
})

const PAGES = 64

/** A file of 64 pages, whose root is a branch to page 10. */
function crafted(t: Test, ...pages: Buffer[]): string {
  const meta = Buffer.alloc(64)
  for (const [field, value] of [0xed0cdaed, 2, PAGE].entries()) meta.writeUInt32LE(value, field * 4)
  meta.writeBigUInt64LE(2n, 16)
  meta.writeBigUInt64LE(BigInt(PAGES), 40)
  let hash = 0xcbf29ce484222325n
  for (const byte of meta.subarray(0, 56)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  meta.writeBigUInt64LE(hash, 56)
  const all = Array.from({ length: PAGES }, (_, id) => pageOf(id, 2, 0))
  for (const page of [pageOf(0, 4, 0, meta), pageOf(2, 1, 1, branch(10)), ...pages]) all[Number(page.readBigUInt64LE())] = page
  return fileOf(t, Buffer.concat(all))
}

const bucketAt = (page: number) => Buffer.concat([branch(page).subarray(8), Buffer.alloc(8)])
const session = leaf(0, 'key', Buffer.alloc(9))

t.test('each thing that may be wrong with a page has its sentence', async (t) => {
  const inBucket = (...pages: Buffer[]) => [pageOf(10, 2, 1, leaf(1, 'scs:session', bucketAt(11))), ...pages]
  const cases: readonly (readonly [pages: Buffer[], sentence: string | RegExp])[] = [
    [[pageOf(10, 1, 1, branch(10))], 'page 10 is used twice'],
    [[pageOf(10, 1, 2, branch(11, 11)), pageOf(11, 2, 0)], 'page 11 is used twice'],
    [[pageOf(10, 16, 0)], 'neither a branch nor a leaf'],
    [[pageOf(10, 1, 1, branch(1))], 'there is no page 1'],
    [[pageOf(10, 1, 1, branch(9_999_999))], 'there is no page 9999999'],
    [[pageOf(10, 2, 300)], 'more entries than room'],
    [[pageOf(10, 2, 0, Buffer.alloc(0), 4_000_000)], 'it ends within page 10'],
    [[pageOf(10, 2, 1, leaf(0, 'a', Buffer.alloc(0), 5000))], 'outside its page'],
    [[pageOf(10, 2, 1, leaf(0, 'a', Buffer.alloc(0), 3))], 'outside its page'],
    [[pageOf(10, 2, 0)], 'has no bucket scs:session'],
    [[pageOf(10, 2, 1, leaf(0, 'scs:session', Buffer.alloc(16)))], 'has no bucket scs:session'],
    [[pageOf(10, 2, 1, leaf(1, 'scs:session', Buffer.alloc(3)))], 'a bucket is too short'],
    [[pageOf(10, 2, 1, leaf(1, 'scs:session', Buffer.alloc(20)))], 'a page is too short'],
    [inBucket(pageOf(11, 2, 0)), /^$/],
    [inBucket(pageOf(11, 2, 1, leaf(1, 'nested', bucketAt(12)))), /^$/],
    [Array.from({ length: 50 }, (_, i) => pageOf(10 + i, 1, 1, branch(11 + i))), 'nested too deep'],
    [inBucket(pageOf(11, 2, 1, session)), 'key AAAAAAAAAAAA'],
  ]
  for (const [pages, sentence] of cases) t.match(String(read(crafted(t, ...pages))), sentence, String(sentence))
  const bytes = readFileSync(crafted(t, pageOf(10, 2, 0)))
  bytes.writeBigUInt64LE(12n, 10 * PAGE)
  t.match(read(fileOf(t, bytes)), 'page 10 says that it is another')
  const two = Buffer.concat([
    leaf(0, 'b', Buffer.alloc(0), 32).subarray(0, 16),
    leaf(0, 'a', Buffer.alloc(0), 17).subarray(0, 16),
    Buffer.from('ba'),
  ])
  t.match(read(crafted(t, pageOf(10, 2, 2, two))), 'not in order')
})

t.test('a session without an expiry is damage', async (t) => {
  const url = `bolt:${crafted(t, pageOf(10, 2, 1, leaf(1, 'scs:session', bucketAt(11))), pageOf(11, 2, 1, leaf(0, 'key', Buffer.alloc(7))))}`
  t.match(await scs(['count', url]), { code: 1, err: 'a session has no expiry' })
})
