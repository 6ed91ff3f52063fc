import { mkdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import type { LmdbEnvironment } from './client.ts'

// Not with `from`: the declarations that lmdb 3.5 has for that are an error to a compiler that checks libraries (TS1203).
import lmdb = require('lmdb')

/** An environment in use. */
export interface Lease {
  readonly environment: LmdbEnvironment
  /** Closes the environment when nobody else in this process uses it. To be called once, when the last write has settled. */
  release(): Promise<void>
}

interface Shared {
  readonly environment: LmdbEnvironment
  users: number
}

/** Three databases a store. */
const MAX_DATABASES = 48

/** Settings under which a commit may be lost that was answered, or under which one write could not be undone without the others. */
const UNFIT = ['overlappingSync', 'noSync', 'noMetaSync', 'mapAsync', 'useWritemap', 'readOnly']

/**
 * The environments that this process has open, by path. Opened twice it would come to a deadlock: the second opening waits for the lock of
 * a write which the first cannot end while the thread waits.
 */
const opened = new Map<string, Shared>()

/** The environment at a path, or one that is open. Throws a TypeError for anything else, and for one that could lose what was answered. */
export function leaseFor(pathOrEnvironment: string | LmdbEnvironment): Lease {
  if (typeof pathOrEnvironment === 'string' && pathOrEnvironment !== '') return leaseAt(pathOrEnvironment)
  if (typeof pathOrEnvironment === 'object' && typeof pathOrEnvironment?.openDB === 'function') return leaseOf(pathOrEnvironment)
  throw new TypeError('LmdbStore: the first argument must be a path, or an environment that was opened with lmdb')
}

/** Opens the environment at a path, or joins those who have it open. What is made for it can be read by this user alone. */
function leaseAt(path: string): Lease {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? extname(path) === ''
  const folder = isFolder ? path : dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const realPath = isFolder ? realpathSync(folder) : join(realpathSync(folder), basename(path))
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
  const options = { path, noSubdir: !isFolder, overlappingSync: false, maxDbs: MAX_DATABASES, permissionsMode: 0o600 }
  return lmdb.open(options)
}
