import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import t from 'tap'
import { GobCodec } from '../../../lib/codecs/gob.ts'
import { type Answer, GoJudge } from '../../support/go.ts'
import { isWhatGoHas } from '../../support/go-values.ts'
import { LIMIT } from '../../support/limit.ts'
import { root } from '../../support/readme.ts'
import { SEED } from '../../support/seed.ts'

t.setTimeout(LIMIT)

/** Payloads that programs in Go wrote with its encoding/gob, raw and deflated: those of our own program, test/go/gob, come at random. */
const VECTORS = readFileSync(join(root, 'test/lib/codecs/gob-vectors.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { readonly name: string; readonly deflated: string; readonly error?: string })

const codec = new GobCodec()
const judge = await GoJudge.start()
t.teardown(() => judge.close())

const facts = ({ deadline, values, error }: Answer) => ({ deadline, values, error })

/** What is wrong with how a payload is read, or written again; undefined for nothing. */
async function faultOf(payload: Uint8Array): Promise<string | undefined> {
  const before = await judge.echo(payload)
  if (before.error !== undefined) return before.error
  const { deadline, values } = codec.decode(payload)
  const moment = new Date(deadline)
  if (!isWhatGoHas(moment, before.deadline)) return `the deadline ${moment.toISOString()} for ${JSON.stringify(before.deadline)}`
  for (const [key, typed] of Object.entries(before.values ?? {}))
    if (!isWhatGoHas(values[key] ?? null, typed)) return `${key}: ${JSON.stringify(typed)}`
  const after = await judge.echo(codec.encode(deadline, values))
  return JSON.stringify(facts(after)) === JSON.stringify(facts(before))
    ? undefined
    : `${JSON.stringify(after)} for ${JSON.stringify(before)}`
}

t.test('what Go wrote is read as it is, and what was read goes back with its Go types', async (t) => {
  t.ok(VECTORS.length >= 169)
  for (const { name, deflated, error } of VECTORS) {
    const payload = inflateRawSync(Buffer.from(deflated, 'base64'))
    if (error === undefined) t.equal(await faultOf(payload), undefined, name)
    else t.throws(() => codec.decode(payload), { code: 'FST_ERR_SCS_PAYLOAD' }, `${name}: ${error}`)
  }
})

t.test('a value of any type, and sessions of several, made by Go at random', async (t) => {
  const [seed, runs] = [SEED, Number(process.env['SCS_RUNS'] || 10)]
  t.comment(`SCS_SEED=${seed}`)
  for (let number = 0; ; number++) {
    const first = await judge.ask(`type ${number} ${seed}`)
    if (first.error === 'no such type') break
    for (let i = 0; i < runs; i++) {
      const { payload, error } = await judge.ask(`type ${number} ${seed + i}`)
      const fault = error ?? (await faultOf(Buffer.from(payload, 'base64')))
      if (fault !== undefined) t.fail(`type ${number} ${seed + i}: ${fault}`)
    }
  }
  for (let i = 0; i < 25 * runs; i++) {
    const { payload, error } = await judge.ask(`random ${seed + i}`)
    const fault = error ?? (await faultOf(Buffer.from(payload, 'base64')))
    if (fault !== undefined) t.fail(`random ${seed + i}: ${fault}`)
  }
})
