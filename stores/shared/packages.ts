/**
 * Loads a package that only some users of a store have. Where a bundler may have to follow it, a plain `require` is tried before. Made without an import,
 * whose name would collide with the one that many bundles begin with.
 */
export function requirePackage(name: string): unknown {
  return process.getBuiltinModule('node:module').createRequire(import.meta.url)(name)
}
