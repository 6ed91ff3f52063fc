import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isPinned } from '../../test/support/children.mjs'

const SOURCE = fileURLToPath(new URL('awake.c', import.meta.url))

let library

/** The library with which a program never sleeps while it waits; undefined where there is no C compiler. */
function build() {
  const folder = mkdtempSync(join(tmpdir(), 'scs-awake-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'awake.so')
  return spawnSync('cc', ['-O2', '-shared', '-fPIC', '-o', file, SOURCE, '-ldl']).status === 0 ? file : undefined
}

/** The environment in which a client never sleeps, which takes a core of its own and a C compiler; undefined where one of them is missing. */
export function awake() {
  if (!isPinned) return undefined
  library ??= { file: build() }
  return library.file && { ...process.env, LD_PRELOAD: library.file }
}
