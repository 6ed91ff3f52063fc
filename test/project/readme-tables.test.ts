import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import type { ScsOptions } from '../../index.ts'
import { COOKIE_DEFAULTS } from '../../lib/http/cookie.ts'
import { joined, textOf } from '../support/pages.ts'
import { root } from '../support/readme.ts'

interface Results {
  libraries: readonly { name: string; version: string }[]
  rows: readonly { key: string; ask: string; cells: string[] }[]
}

interface Tables {
  withTable(page: string, results: Results): string
  pageOf(results: Results): string
}

const { withTable, pageOf }: Tables = await import(pathToFileURL(join(root, 'bench/behaviour/table.mjs')).href)

const results: Results = JSON.parse(textOf('bench/results/behaviour.json'))
const page = textOf('docs/comparison.md')
const readme = joined(textOf('README.md'))
const cellsOf = (key: string) => (results.rows.find((row) => row.key === key)?.cells ?? []).map((cell) => cell.replaceAll('**', ''))

/** `a, b and c` */
const listed = (words: readonly string[]) => `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

t.test('docs/comparison.md is what was observed, and so is the page with all rows', async (t) => {
  t.equal(page, withTable(page, results), 'node bench/behaviour.mjs writes it')
  t.equal(textOf('bench/results/behaviour.md'), pageOf(results))
})

t.test('another observation makes another table, and nothing else of the page changes', async (t) => {
  const changed = structuredClone(results)
  changed.rows.find(({ key }) => key === 'ten-keys')?.cells.fill('none of them')
  const before = page.split('\n')
  const after = withTable(page, changed).split('\n')
  t.equal(after.length, before.length)
  const different = after.filter((line, index) => line !== before[index])
  t.equal(different.length, 1)
  t.match(different[0], /( \| none of them){4} \|$/)
})

t.test('each row has a cell for each library, of which there are four', async (t) => {
  t.equal(results.libraries.length, 4)
  for (const { key, cells } of results.rows) t.equal(cells.filter(Boolean).length, 4, key)
})

t.test('a page without a place for the table, and results without a row that it shows, are refused', async (t) => {
  t.throws(() => withTable('# A page', results), { message: /no <!-- behaviour:begin -->/ })
  t.throws(() => withTable(page, { ...results, rows: [] }), { message: /no row ten-keys/ })
})

t.test('each figure of the README is one that was observed or measured', async (t) => {
  const [ours, ...theirs] = cellsOf('ten-keys')
  t.match(readme, `${ours} are kept here, ${listed(theirs)} there`)
  const [ended, ...revived] = cellsOf('orders-logout')
  t.match(readme, `in ${ended} orders here, in ${listed(revived)} there`)
  t.same(cellsOf('store-hangs'), ['503', 'no answer', 'no answer', 'no answer'])
  t.match(results.rows.find(({ key }) => key === 'store-hangs')?.ask, /within 10 s$/)
  t.match(readme, 'The others did not answer within 10 seconds')
  const clear = 'yes, without the signature that the cookie carries'
  t.same(cellsOf('at-rest'), ['no', clear, clear, clear])
  t.match(readme, 'all 3 others keep the token in the clear, without the signature that the cookie carries')
  const [, ratio, least, most] =
    /\| write .*?@fastify\/session \|[^|]*\| +(\S+) × \| +(\S+) × \| +(\S+) × \|/.exec(textOf('docs/performance.md')) ?? []
  t.match(readme, `${ratio} times the requests a second of @fastify/session (five rounds: ${least} to ${most})`)
  const [, ...peers] = results.libraries
  t.match(readme, `Beside ${listed(peers.map(({ name }) => name))}, in that order`)
})

/** What docs/options.md says of each option; without one of them this does not compile. */
const DEFAULTS: Readonly<Record<keyof ScsOptions, string>> = {
  store: '`new MemoryStore()`',
  schema: 'none',
  upgrade: 'none',
  lifetime: "`'24h'`",
  idleTimeout: 'none',
  touchInterval: '1 minute, or a tenth of `idleTimeout` if that is less',
  remember: 'none',
  cookie: '`{ name:',
  token: 'the cookie alone',
  codec: '`new JsonCodec()`',
  hashToken: '`true`',
  owner: 'none',
  maxBytes: '65535',
  storeTimeout: "`'5s'`",
  errorReply: "Fastify's shape",
  decorators: "`{ request: 'session', instance: 'sessions' }`",
  clock: '`Date.now`',
}

t.test('docs/options.md has every option and no other, with the default that its declaration names', async (t) => {
  const options = joined(textOf('docs/options.md'))
  const declared = textOf('types/options.ts').replace(/^[\s\S]*export interface ManagerOptions/, '')
  for (const [name, told] of Object.entries(DEFAULTS)) {
    t.match(options, `- **\`${name}\`**, default ${told}`, name)
    const [, comment = ''] = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s+readonly ${name}\\?:`).exec(declared) ?? []
    if (/^`(new|'|Date)|^\d+$/.test(told)) t.match(comment, `Default: ${told}`, name)
  }
  t.equal([...options.matchAll(/- \*\*`\w+`\*\*, default /g)].length, Object.keys(DEFAULTS).length)
  const [, cookie = ''] = /default `(\{ name:[^`]*\})` and no `domain`/.exec(options) ?? []
  t.same(new Function(`return ${cookie}`)(), JSON.parse(JSON.stringify(COOKIE_DEFAULTS)))
})
