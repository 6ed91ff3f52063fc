import Module from 'node:module'
import t from 'tap'
import { Type } from 'typebox'
import { schemaRules } from '../../../lib/data/schema.ts'

const schema = Type.Object({ userId: Type.String(), seen: Type.Number() })

t.test('TypeBox is taken from the bundle where a bundler put it, and a `require` that does not find it is passed over', async (t) => {
  const bundled: unknown[] = []
  const Compile = (each: object) => {
    bundled.push(each)
    return { Check: () => false, Errors: () => [] }
  }
  for (const require of [(name: string) => (name === 'typebox/compile' ? { Compile } : undefined), () => void t.pass('asked'), no]) {
    t.intercept(globalThis as { require?: unknown }, 'require', { value: require, configurable: true })
    t.doesNotThrow(() => schemaRules(schema))
  }
  t.strictSame(bundled, Object.values(schema.properties), 'once')
})

function no(): never {
  throw new Error('Cannot find module')
}

t.test('without the package typebox the schema is refused, and the message says what to install', async (t) => {
  const missing = new Error("Cannot find module 'typebox/compile'")
  const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown }
  const load = loader._load
  t.teardown(() => {
    loader._load = load
  })
  loader._load = (request, ...rest) => {
    if (request === 'typebox/compile') throw missing
    return load.call(Module, request, ...rest)
  }
  t.throws(() => schemaRules(schema), {
    code: 'FST_ERR_SCS_OPTION',
    message: /^Option schema needs the package typebox 1\.x: npm install typebox\.$/,
    cause: missing,
  })
})
