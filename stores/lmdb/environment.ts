import { closeSync, existsSync, mkdirSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
// By one name: bundles often begin with an import of `dirname`.
import * as paths from 'node:path'
import { open } from 'lmdb'
import type { LmdbEnvironment } from './client.ts'

/** An environment in use. */
export interface Lease {
  readonly environment: LmdbEnvironment
  /** Closes the environment when nobody else in this process uses it. Must be called once, after the last write has settled. */
  release(): Promise<void>
}

interface Shared {
  readonly environment: LmdbEnvironment
  users: number
}

/** Each store has three databases. */
const MAX_DATABASES = 48

/** The mark of LMDB's files, in the byte order of the machine. */
const MAGIC = 0xbeefc0de

/** Settings with which an answered commit could be lost, or one write could not be rolled back without the others. */
const UNFIT = ['overlappingSync', 'noSync', 'noMetaSync', 'mapAsync', 'useWritemap', 'readOnly']

/**
 * The environments that this process has open, by path. To open one twice could be a deadlock: the second call would wait for a write's lock, and block
 * the thread that must finish that write.
 */
const opened = new Map<string, Shared>()

/** The environment at a path, or an open one. Throws a TypeError for anything else, and for one that could lose an answered commit. */
export function leaseFor(pathOrEnvironment: string | LmdbEnvironment): Lease {
  if (typeof pathOrEnvironment === 'string' && pathOrEnvironment !== '') return leaseAt(pathOrEnvironment)
  if (typeof pathOrEnvironment === 'object' && typeof pathOrEnvironment?.openDB === 'function') return leaseOf(pathOrEnvironment)
  throw new TypeError('LmdbStore: the first argument must be a path, or an environment opened with lmdb')
}

/** Opens the environment at a path, or shares the one that is open. Only this user can read what it creates. */
function leaseAt(path: string): Lease {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? paths.extname(path) === ''
  const folder = isFolder ? path : paths.dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const realPath = isFolder ? realpathSync(folder) : paths.join(realpathSync(folder), paths.basename(path))
  const shared = opened.get(realPath) ?? { environment: openAt(realPath, isFolder), users: 0 }
  shared.users++
  opened.set(realPath, shared)
  return {
    environment: shared.environment,
    async release() {
      shared.users--
      if (shared.users > 0) return
      opened.delete(realPath)
      await shared.environment.close()
    },
  }
}

/** An environment that the caller opened and will close. */
function leaseOf(environment: LmdbEnvironment): Lease {
  const unfit = UNFIT.find((setting) => Reflect.get(environment, setting) === true)
  if (unfit !== undefined) {
    const rule = 'with overlappingSync: false, and without noSync, noMetaSync, mapAsync, useWritemap and readOnly'
    throw new TypeError(`LmdbStore: the environment must be opened ${rule}; this one has ${unfit}`)
  }
  return { environment, async release() {} }
}

function openAt(path: string, isFolder: boolean): LmdbEnvironment {
  refuseForeign(isFolder ? paths.join(path, 'data.mdb') : path)
  const options = { path, noSubdir: !isFolder, overlappingSync: false, maxDbs: MAX_DATABASES, permissionsMode: 0o600 }
  return open(options)
}

/** Throws a TypeError for a file of another program: the driver would end the process. */
function refuseForeign(file: string): void {
  if (!existsSync(file)) return
  // The mark follows the header of the first page, whose length depends on LMDB's format and on the machine.
  const words = new Uint32Array(7)
  const descriptor = openSync(file, 'r')
  const length = readSync(descriptor, words)
  closeSync(descriptor)
  if (length > 0 && !words.includes(MAGIC)) throw new TypeError(`LmdbStore: ${file} is another program's file`)
}
