import { localArguments } from './local.ts'

/** Adds one to the number under `counter`, so many times, by compare-and-swap. No two records are the same: those would count as one write. */
const { store, rest } = localArguments()
const [times = '0'] = rest
process.disconnect?.()

let attempts = 0

async function addOne(): Promise<boolean> {
  const found = await store.find('counter', { expiry: false })
  if (found === undefined) throw new Error('there is no counter')
  const next = Buffer.from(`${Number.parseInt(Buffer.from(found.data).toString(), 10) + 1} ${process.pid} ${++attempts}`)
  return store.update('counter', found.data, { data: next, expiresAt: Date.now() + 3_600_000 })
}

let lost = 0
for (let done = 0; done < Number(times); ) {
  if (await addOne()) done++
  else lost++
}
console.log(lost)
await store.close()
