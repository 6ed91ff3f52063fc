import { writeSync } from 'node:fs'
import type { StoreRecord } from '../../types/store.ts'
import { localArguments } from './local.ts'

/**
 * Creates, changes, renames and ends sessions as fast as it can, until it is killed. Says what it is about to do before it does it, and
 * that it was acknowledged afterwards; a line is out before the program goes on.
 */
const { store, rest } = localArguments()
const [name = '', chains = '1'] = rest
const expiresAt = Date.now() + 3_600_000

function say(chain: string, line: object): void {
  writeSync(1, `${JSON.stringify({ chain, ...line })}\n`)
}

/** One session after the other. What is said of a write: the key that it empties, and the one that it fills with a text. */
async function runChain(chain: string): Promise<never> {
  const recordOf = (text: string): StoreRecord => ({ data: Buffer.from(text), expiresAt, owner: chain })
  async function step(sent: { from?: string; to?: string; text?: string }, write: () => boolean | PromiseLike<boolean>): Promise<void> {
    say(chain, { sent })
    if (!(await write())) throw new Error(`${chain} was refused`)
    say(chain, { acknowledged: true })
  }
  for (let life = 0; ; life++) {
    const [first, second] = [`${chain}-${life}a`, `${chain}-${life}b`]
    const text = (index: number) => `${life}.${index}`.padEnd(50 + ((life * 997) % 6000), '.')
    const data = (index: number) => Buffer.from(text(index))
    const trace = { key: `;${first}`, record: { data: Buffer.from('trace'), expiresAt } }
    await step({ to: first, text: text(0) }, () => store.create(first, recordOf(text(0))))
    await step({ to: first, text: text(1) }, () => store.update(first, data(0), recordOf(text(1))))
    await step({ from: first, to: second, text: text(2) }, () => store.rename(first, second, data(1), recordOf(text(2)), trace))
    await step({ to: second, text: text(3) }, () => store.update(second, data(2), recordOf(text(3))))
    if (life % 3 > 0) await step({ from: second }, () => store.delete(second, data(3)))
  }
}

await Promise.all(Array.from({ length: Number(chains) }, (_, index) => runChain(`${name}.${index}`)))
