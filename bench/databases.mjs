import { variants } from './variants/index.mjs'

/** Starts the private servers that some variants need, once each. Gives their ports, and the way to end them. */
export async function databasesFor(names) {
  const wanted = [...new Set(names.flatMap((name) => variants[name].database ?? []))]
  if (wanted.length === 0) return { portOf: () => undefined, stop: async () => {} }
  const { loadEngines, owner } = await import('../test/support/engines.mjs')
  const { startEngine, engineOf } = await loadEngines()
  const mine = owner()
  const ports = new Map()
  for (const name of wanted) ports.set(name, (await startEngine(mine, engineOf(name))).port)
  return { portOf: (name) => ports.get(name), stop: () => mine.end() }
}
