import { localArguments } from './local.ts'

/** A store in a process of its own: runs each verb that it is sent, one after the other, and answers. Ends with its parent. */
const { store } = localArguments()

async function run([verb, ...args]: [string, ...unknown[]]): Promise<void> {
  const method: unknown = Reflect.get(store, verb)
  if (typeof method !== 'function') throw new TypeError(`a store has no ${verb}`)
  process.send?.({ answer: await Reflect.apply(method, store, args) })
}

process.on('message', (command: [string, ...unknown[]]) => void run(command))
