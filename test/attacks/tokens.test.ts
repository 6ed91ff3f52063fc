import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { isToken, newToken } from '../../lib/token.ts'
import { LIMIT } from '../support/limit.ts'

t.setTimeout(LIMIT)

const MILLION = 1_000_000
const BYTES = 32
/** A chi-square with 256 degrees of freedom lies outside of these once in a billion times (5e-10 on each side). */
const [LEAST, MOST] = [142, 417]

t.test('attack 46: a million tokens differ, are 32 bytes each, and no bit of them prefers a value', async (t) => {
  const seen = new Set<string>()
  const counts = new Uint32Array(BYTES * 256)
  for (let i = 0; i < MILLION; i++) {
    const token = newToken()
    seen.add(token)
    const bytes = Buffer.from(token, 'base64url')
    if (bytes.length !== BYTES || !isToken(token)) t.fail(`${bytes.length} bytes`)
    for (let at = 0; at < BYTES; at++) {
      const place = at * 256 + (bytes[at] ?? 0)
      counts[place] = (counts[place] ?? 0) + 1
    }
  }
  t.equal(seen.size, MILLION, 'no two are one')
  const ones = Array.from({ length: BYTES * 8 }, (_, bit) => {
    const column = counts.subarray((bit >> 3) * 256, ((bit >> 3) + 1) * 256)
    return column.reduce((sum, count, byte) => sum + (byte & (1 << (bit & 7)) ? count : 0), 0)
  })
  const bits = ones.reduce((sum, count) => sum + (2 * count - MILLION) ** 2 / MILLION, 0)
  t.comment(`chi-square of 256 bits: ${bits.toFixed(1)}`)
  t.ok(bits > LEAST && bits < MOST, `${bits} is what chance makes of it`)
})

/** The sources that run when the package does. */
const sources = ['lib', 'stores']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name).replaceAll('\\', '/')),
  )
  .sort()

t.test('attack 46: tokens come from the system’s generator: no Math.random, no UUID and no pool of random bytes makes one', async (t) => {
  const using = (pattern: RegExp) => sources.filter((file) => pattern.test(readFileSync(file, 'utf8')))
  t.strictSame(using(/\bnewToken\(\)/), ['lib/create.ts', 'lib/data/terms.ts', 'lib/token.ts'], 'one place makes them, two use them')
  t.strictSame(using(/\brandomUUID\b|\bgetRandomValues\b|\brandomFill|\brandomInt\b/), [])
  const random = using(/\bMath\.random\b/)
  t.strictSame(
    random.filter((file) => !/delay|interval|pause|wait/i.test(linesWith(file, 'Math.random'))),
    [],
    'Math.random spreads moments alone',
  )
  t.match(readFileSync('lib/token.ts', 'utf8'), /^ {2}return randomBytes\(32\)\.toString\('base64url'\)$/m, 'made at the call, not before')
})

function linesWith(file: string, word: string): string {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line, i) => [line, lines[i + 1] ?? ''].some((each) => each.includes(word))).join('\n')
}

/** The module of the tokens as a script, the one form in which Node takes a program into a snapshot. */
function snapshotScript(): string {
  const code = readFileSync(new URL('../../lib/token.js', import.meta.url), 'utf8')
  const script = code.replace(/^import \{([^}]*)\} from '(.*)';?$/gm, "const {$1} = require('$2')").replace(/^export /gm, '')
  return `${script.replace(/^\/\/#.*$/m, '')}
newToken()
require('v8').startupSnapshot.setDeserializeMainFunction(() => {
  console.log(Array.from({ length: 1000 }, newToken).join(' '))
})`
}

t.test('attack 46: two processes that start from one snapshot of the memory make different tokens', async (t) => {
  const folder = t.testdir()
  const [script, blob] = [join(folder, 'tokens.cjs'), join(folder, 'tokens.blob')]
  writeFileSync(script, snapshotScript())
  const { NODE_OPTIONS: _, ...env } = process.env
  const run = (...args: string[]) => promisify(execFile)(process.execPath, args, { env })
  await run('--snapshot-blob', blob, '--build-snapshot', script)
  const made = await Promise.all([1, 2].map(async () => (await run('--snapshot-blob', blob)).stdout.trim().split(' ')))
  t.equal(new Set(made.flat()).size, 2000)
  t.ok(made.flat().every(isToken))
})
