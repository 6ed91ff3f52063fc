import assert from 'node:assert'

/** What every part of a program shares, and so nothing that comes from outside may change. */
const SHARED: readonly object[] = [
  ...[Object, Array, Map, Set, Date, String, Number, Boolean, BigInt, Symbol, Function, RegExp, Promise, Error, TypeError, Buffer],
  ...[Uint8Array, Object.getPrototypeOf(Uint8Array) as object, WeakMap, JSON, Reflect, Math],
]

type Snapshot = ReadonlyMap<object, ReadonlyMap<PropertyKey, PropertyDescriptor>>

/** What a foreign hand could have changed: the properties of the shared things and of their prototypes, and what is global. */
export class World {
  readonly #before = snapshot()

  /** Throws when anything differs from when this was made. */
  mustBeUnchanged(): void {
    const now = snapshot()
    for (const [thing, before] of this.#before) {
      const after = now.get(thing) ?? new Map<PropertyKey, PropertyDescriptor>()
      for (const key of new Set([...before.keys(), ...after.keys()])) {
        assert.ok(isSame(before.get(key), after.get(key)), `${name(thing)} has another ${String(key)} than before`)
      }
    }
  }
}

/** The cheap look, after each input: what pollutes all objects nearly always shows in any of them. */
export function mustBeClean(): void {
  for (const key in {}) {
    // Else every later input would seem to do the same, and this one could not be reduced.
    Reflect.deleteProperty(Object.prototype, key)
    throw new assert.AssertionError({ message: `Object.prototype has a new property ${key}` })
  }
}

function snapshot(): Snapshot {
  const prototypes = SHARED.flatMap((each) => (typeof each === 'function' ? [each.prototype as object] : []))
  const things: readonly object[] = [...SHARED, ...prototypes, globalThis]
  return new Map(things.map((thing) => [thing, thing === globalThis ? globals() : properties(thing)]))
}

function properties(thing: object): Map<PropertyKey, PropertyDescriptor> {
  return new Map(Reflect.ownKeys(thing).map((key) => [key, Reflect.getOwnPropertyDescriptor(thing, key) ?? {}]))
}

/** Their names alone: Node makes some of them when they are first used. */
function globals(): Map<PropertyKey, PropertyDescriptor> {
  return new Map(Reflect.ownKeys(globalThis).map((key) => [key, {}]))
}

function isSame(a: PropertyDescriptor | undefined, b: PropertyDescriptor | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return Object.is(a.value, b.value) && a.get === b.get && a.set === b.set && a.writable === b.writable && a.configurable === b.configurable
}

function name(thing: object): string {
  if (thing === globalThis) return 'globalThis'
  if (typeof thing === 'function') return thing.name
  return `${(thing.constructor as { name?: string } | undefined)?.name ?? 'a shared object'}.prototype`
}
