import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import type { ScsOptions } from '../../index.ts'
import { COOKIE_DEFAULTS } from '../../lib/http/cookie.ts'
import { joined, textOf } from '../support/pages.ts'
import { root } from '../support/readme.ts'

interface Row {
  readonly key: string
  readonly ask: string
  readonly [library: string]: string
}

interface Results {
  readonly made: readonly { readonly versions: string }[]
  readonly rows: readonly Row[]
}

const load = async <T>(file: string): Promise<T> => await import(pathToFileURL(join(root, file)).href)

const { cellsOf: cellsIn, chosenBehaviour } = await load<{
  cellsOf(row: Row): Record<string, string>
  chosenBehaviour(results: Results): string
}>('bench/report/behaviour.mjs')
const { withTables } = await load<{ withTables(page: string, tables: Record<string, string>): string }>('test/support/markdown.mjs')

const results: Results = JSON.parse(textOf('bench/results/behaviour.json'))
const page = textOf('docs/comparison.md')
const readme = joined(textOf('README.md'))
const rowOf = (key: string) => results.rows.find((row) => row.key === key) ?? { key, ask: '' }
const cellsOf = (key: string) => Object.values(cellsIn(rowOf(key))).map((cell) => cell.replaceAll('**', ''))
const withBehaviour = (made: Results) => withTables(page, { behaviour: chosenBehaviour(made) })

/** `a, b and c` */
const listed = (words: readonly string[]) => `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

t.test('docs/comparison.md is what was observed', async (t) => {
  t.equal(page, withBehaviour(results), 'npm run behaviour writes it')
})

t.test('another observation makes another table, and nothing else of the page changes', async (t) => {
  const changed = results.rows.map(({ key, ask, ...cells }): Row => {
    const others = Object.keys(cells).map((library) => [library, 'none of them'])
    return key === 'ten-keys' ? { key, ask, ...Object.fromEntries(others) } : { key, ask, ...cells }
  })
  const before = page.split('\n')
  const after = withBehaviour({ ...results, rows: changed }).split('\n')
  t.equal(after.length, before.length)
  const different = after.filter((line, index) => line !== before[index])
  t.equal(different.length, 1)
  t.match(different[0], /( \| none of them){4} \|$/)
})

t.test('each row has a cell for each library, of which there are four', async (t) => {
  for (const row of results.rows) t.equal(Object.values(cellsIn(row)).filter(Boolean).length, 4, row.key)
})

t.test('a page without a place for the table, and results without a row that it shows, are refused', async (t) => {
  t.throws(() => withTables('# A page', { behaviour: '' }), { message: /no <!-- behaviour:begin -->/ })
  t.throws(() => withBehaviour({ ...results, rows: [] }), { message: /no row ten-keys/ })
})

t.test('each figure of the README is one that was observed or measured', async (t) => {
  const [ours, ...theirs] = cellsOf('ten-keys')
  t.match(readme, `${ours} are kept here, ${listed(theirs)} there`)
  const [ended, ...revived] = cellsOf('orders-logout')
  t.match(readme, `in ${ended} orders here, in ${listed(revived)} there`)
  t.same(cellsOf('store-hangs'), ['503', 'no answer', 'no answer', 'no answer'])
  t.match(rowOf('store-hangs').ask, /within 10 s$/)
  t.match(readme, 'The others did not answer within 10 seconds')
  const clear = 'yes, without the signature that the cookie carries'
  t.same(cellsOf('at-rest'), ['no', clear, clear, clear])
  t.match(readme, 'all 3 others keep the token in the clear, without the signature that the cookie carries')
  const measured = (kind: string, variant: string) => {
    const table = textOf('bench/results/latest.md')
      .split('\n## ')
      .find((part) => part.startsWith(`A ${kind}: `) && part.includes('(Node 24)'))
    const line = table?.split('\n').find((each) => each.startsWith(`| ${variant} |`)) ?? ''
    const [, , , , , , beyond, rate] = line.split('|').map((cell) => cell.trim())
    return { beyond: Math.round(Number(beyond)), rate }
  }
  const [read, theirRead] = ['fastify-scs', '@fastify/session'].map((variant) => measured('read', variant))
  const [write, theirWrite] = ['fastify-scs', '@fastify/session'].map((variant) => measured('write', variant))
  t.match(readme, `a read takes ${read?.beyond} µs of processor time, where @fastify/session takes ${theirRead?.beyond}, a`)
  t.match(readme, `write ${write?.beyond} and ${theirWrite?.beyond}:`)
  t.match(readme, `${read?.rate} and ${write?.rate} requests a second, to ${theirRead?.rate} and ${theirWrite?.rate} there`)
  const [, ...peers] = Object.keys(cellsIn(rowOf('ten-keys')))
  t.match(readme, `Beside ${listed(peers)}, in that order`)
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
  limit: 'none',
  client: 'none',
  maxBytes: '65535',
  storeTimeout: "`'5s'`",
  adopt: 'none',
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
