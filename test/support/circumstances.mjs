import { existsSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { manifest } from './consumer.mjs'
import { root } from './processes.mjs'

/** The version of a package that was measured: this one's, or one of bench/node_modules or the drivers'. */
function versionOf(name) {
  const places = name === manifest.name ? ['package.json'] : ['bench/', ''].map((place) => `${place}node_modules/${name}/package.json`)
  const found = places.map((place) => join(root, place)).find((each) => existsSync(each))
  return found && JSON.parse(readFileSync(found, 'utf8')).version
}

/** Under which circumstances something was measured. */
export function circumstances(command, packages) {
  return {
    date: new Date().toISOString(),
    command,
    node: process.version,
    cpu: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
    versions: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
  }
}
