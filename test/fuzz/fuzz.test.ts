import t from 'tap'
import { type Finding, fuzz, type Target } from './fuzz.ts'
import type { Random } from './random.ts'

/** A target that takes lists of numbers, and does what a test wants with them. */
function target(check: (list: readonly number[]) => void | Promise<void>): Target<readonly number[]> {
  return {
    name: 'lists',
    make: (random: Random) => random.list(50, () => random.int(1000)),
    check,
    show: (list) => JSON.stringify(list),
    close: async () => {},
  }
}

async function findingOf(check: (list: readonly number[]) => void | Promise<void>): Promise<Finding> {
  return await fuzz(target(check) as Target, { inputs: 2000, seed: 7, batch: 500 }).then(
    () => t.fail('nothing was found') as never,
    (finding: Finding) => finding,
  )
}

t.test('an input that breaks a promise is found, told with its seed and number, and reduced', async (t) => {
  const refuse = (list: readonly number[]) => {
    if (list.some((number) => number >= 990)) throw new Error('large')
  }
  for (const check of [refuse, async (list: readonly number[]) => refuse(list)]) {
    const finding = await findingOf(check)
    t.match(finding.message, /^lists: large\n {2}seed 7, input \d+ .*--seed 7 --from \d+ --inputs 1 lists/)
    const [, reduced = ''] = /reduced: (.*)/.exec(finding.message) ?? []
    const list = JSON.parse(reduced) as number[]
    t.ok(list.length <= 3 && list.some((number) => number >= 990), `reduced to ${reduced}`)
    t.equal((finding.cause as Error).message, 'large')
  }
})

t.test('the number of a finding makes the same input again, without those before it', async (t) => {
  const seen: string[] = []
  const noting = target((list) => void seen.push(String(list)))
  await fuzz(noting as Target, { inputs: 100, seed: 3 })
  await fuzz(noting as Target, { inputs: 1, seed: 3, from: 42 })
  t.equal(seen[100], seen[42])
  t.ok(new Set(seen).size > 90, 'and the inputs differ')
})

t.test('a prototype or a global that an input changes is found', async (t) => {
  const undo: (() => void)[] = []
  const change = (thing: object, key: string, value: unknown, enumerable: boolean) => () => {
    Object.defineProperty(thing, key, { value, enumerable, configurable: true, writable: true })
    undo.push(() => Reflect.deleteProperty(thing, key))
  }
  const { has } = Map.prototype
  const changes: readonly (readonly [() => void, RegExp])[] = [
    [change(Object.prototype, 'polluted', 1, true), /Object\.prototype has a new property polluted/],
    [change(Object.prototype, 'hidden', 1, false), /Object\.prototype has another hidden than before/],
    [change(Array.prototype, 'extra', 1, false), /Array\.prototype has another extra/],
    [change(globalThis, 'leaked', 1, true), /globalThis has another leaked/],
  ]
  for (const [make, message] of changes) {
    const finding = await findingOf(make)
    for (const each of undo.splice(0)) each()
    t.match(finding.message, message)
  }
  const replaced = await findingOf(() => {
    Map.prototype.has = () => true
  })
  Map.prototype.has = has
  t.match(replaced.message, /Map\.prototype has another has than before/)
})

t.test('a rejection that nobody handles is found', async (t) => {
  const finding = await findingOf(() => void Promise.reject(new Error('left')))
  t.match(finding.message, /rejection nobody handles/)
  t.equal((finding.cause as Error).message, 'left')
})
