import t from 'tap'
import { inChild } from '../support/child.ts'
import { LIMIT } from '../support/limit.ts'

t.setTimeout(LIMIT)

t.test('reading does not make the memory grow', async (t) => {
  const grown = await inChild(
    `
    const { MemoryStore } = await import('../../stores/memory.js')
    const store = new MemoryStore({ maxSessions: 1000 })
    const read = (times) => { for (let i = 0; i < times; i++) store.find('key' + (i % 600)) }
    for (let i = 0; i < 600; i++) store.create('key' + i, { data: Buffer.from('x'), expiresAt: Date.now() + 3600000 })
    const used = () => { gc(); return process.memoryUsage().heapUsed }
    read(100_000)
    const before = used()
    read(1_000_000)
    console.log(used() - before)
  `,
    ['--expose-gc'],
  )
  t.ok(Number(grown) < 5_000_000, `a million reads left ${grown.trim()} bytes`)
})

t.test('what was renewed, ended or forgotten does not outlive the small collections', async (t) => {
  const left = await inChild(
    `
    const { MemoryStore } = await import('../../stores/memory.js')
    const { TokenCache } = await import('../../lib/data/token-cache.js')
    const tokenOf = (i) => String(i).padStart(43, 'x')
    const store = new MemoryStore()
    const cache = new TokenCache('session=')
    const data = Buffer.from('x'.repeat(200))
    const add = (i) => {
      cache.add(tokenOf(i), tokenOf(i))
      store.create(tokenOf(i), { data, expiresAt: Date.now() + 3600000 })
    }
    const remove = (i) => {
      cache.forget(tokenOf(i))
      store.delete(tokenOf(i))
    }
    for (let i = 0; i < 50; i++) add(i)
    gc()
    gc()
    for (let i = 0; i < 20_000; i++) {
      add(i + 50)
      remove(i)
    }
    gc({ type: 'minor' })
    const before = process.memoryUsage().heapUsed
    gc()
    console.log(before - process.memoryUsage().heapUsed)
  `,
    ['--expose-gc'],
  )
  t.ok(Number(left) < 1_000_000, `20,000 sessions that came and went left ${left.trim()} bytes`)
})

t.test('importing it and making one starts nothing', async (t) => {
  const resources = await inChild(`
    const { setTimeout } = await import('node:timers/promises')
    const resources = () => setTimeout(50).then(() => process.getActiveResourcesInfo())
    const before = await resources()
    const { MemoryStore } = await import('../../stores/memory.js')
    const store = new MemoryStore()
    store.create('key', { data: Buffer.from('x'), expiresAt: Date.now() + 3600000 })
    console.log(JSON.stringify([before, await resources()]))
  `)
  const [before, after] = JSON.parse(resources)
  t.strictSame(after, before)
})

t.test('a process whose manager cleans up ends by itself', async (t) => {
  const output = await inChild(`
    const { SessionManager } = await import('../../index.js')
    const manager = new SessionManager()
    const { token } = await manager.create({ userId: 'u1' })
    console.log((await manager.find(token)).get('userId'), process.getActiveResourcesInfo().includes('Timeout'))
  `)
  t.equal(output, 'u1 false\n')
})
