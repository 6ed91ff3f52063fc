import { AssignError } from './errors.ts'

function refuse(_target: object, name: string | symbol): never {
  throw new AssignError(`session.${String(name)}`, `session.put('${String(name)}', value)`)
}

/** A property set by mistake (`session.userId = 1`) throws, in sloppy code too, where it would be lost without a word. */
export function refuseAssignments(prototype: object): void {
  for (const [name, { value, get = () => value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    Object.defineProperty(prototype, name, { get, set: () => refuse(prototype, name) })
  }
  Object.setPrototypeOf(prototype, new Proxy(Object.create(Object.prototype), { set: refuse }))
}
