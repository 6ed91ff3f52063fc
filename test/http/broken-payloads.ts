import { gzipSync } from 'node:zlib'
import { Type } from 'typebox'
import type { ScsOptions } from '../../index.ts'
import type { Site } from './steps.ts'

export const schema = Type.Object({ user: Type.String(), cart: Type.Array(Type.String()) })

const refined = Type.Object({ user: Type.Refine(Type.Unknown(), (user) => (user as string).trim() !== '') })

export const text = (site: Site, values: unknown, deadline: unknown = site.clock() + 3_600_000) => JSON.stringify({ deadline, values })

const nest = (open: string, shut: string, levels: number) => open.repeat(levels) + shut.repeat(levels)
const tagged = (site: Site, json: string) => text(site, { a: 'x' }).replace('"x"', json).replace('"values"', '"tagged":true,"values"')

type Case = [name: string, options: ScsOptions, bytes: (site: Site) => string | Uint8Array]

export const BROKEN: readonly Case[] = [
  ['nothing', {}, () => ''],
  ['a truncated payload', {}, (site) => text(site, { user: 'ann' }).slice(0, -2)],
  ['values that are a list', {}, (site) => text(site, [])],
  ['values that are null', {}, (site) => text(site, null)],
  ['a deadline that has passed', {}, (site) => text(site, { user: 'ann' }, site.clock())],
  ['an unknown tag', {}, (site) => text(site, { a: { $: 'wizard' } }).replace('"values"', '"tagged":true,"values"')],
  ['nesting without end', {}, (site) => text(site, 'x').replace('"x"', `${'[{"a":'.repeat(50_000)}`)],
  [
    'arrays nested deeper than any put, all of them closed',
    {},
    (site) => text(site, 'x').replace('"x"', `{"a":${nest('[', ']', 20_000)}}`),
  ],
  ['objects nested one level too deep', {}, (site) => text(site, { a: JSON.parse(`${nest('{"a":', '}', 101).replace(':}', ':{}}')}`) })],
  ['a number that JSON can name and nobody can put', {}, (site) => text(site, { a: 1.5 }).replace('1.5', '1e999')],
  ['a bigint that nobody can put', {}, (site) => tagged(site, `{"$":"bigint","v":"${'9'.repeat(2467)}"}`)],
  ['tags nested deeper than any put', {}, (site) => tagged(site, nest('{"$":"set","v":[', ']}', 101))],
  ['a deadline that no cookie can name', {}, (site) => text(site, { user: 'ann' }, Date.UTC(9999, 11, 31, 23, 59, 59))],
  ['values that the schema refuses', { schema }, (site) => text(site, { user: 7 })],
  ['one good and one refused value', { schema }, (site) => text(site, { user: 'ann', cart: [1] })],
  ['values on which a refinement of the schema throws', { schema: refined }, (site) => text(site, { user: 7 })],
  ['values that upgrade does not mend', { schema, upgrade: (values) => ({ ...values, cart: 'none' }) }, (site) => text(site, { user: 7 })],
]

/** What JsonCodec cannot have written. */
export const FOREIGN: readonly (readonly [name: string, bytes: string | Uint8Array])[] = [
  ['random bytes', Uint8Array.from({ length: 200 }, (_, i) => (i * 83 + 128) % 256)],
  ['null', 'null'],
  ['a number', '42'],
  ['a string', '"x"'],
  ['a list', '[]'],
  ['an object without values', '{}'],
  ['no deadline', '{"values":{}}'],
  ['a deadline that is a string, as Go writes a time in JSON', '{"deadline":"2027-01-01T00:00:00Z","values":{"user":"ann"}}'],
  ['a deadline that is null', '{"deadline":null,"values":{}}'],
  ['what gzip writes', gzipSync('{"deadline":1,"values":{}}')],
  ['what a codec with a version writes', '{"v":2,"session":{}}'],
  ['a gob', Buffer.from(`26ff81030102ff820001020108446561646c696e6501ff8400010656616c75657301ff86000000${'10ff8305'}`, 'hex')],
  ['a gob whose type has a larger number', Buffer.concat([Buffer.from('ff80fe010303', 'hex'), Buffer.alloc(200)])],
]

export const REASONS: Readonly<Record<string, string>> = {
  'a deadline that has passed': 'its deadline has passed',
  'a deadline that no cookie can name': 'its deadline is after the year 9999',
  'values that upgrade does not mend': 'upgrade gave values that the schema refuses at user',
}
