import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { root } from '../test/support/processes.mjs'

/** A checkout to compare with: a folder as it is, or a commit, taken out into a folder of its own until the end. Returns its built package. */
export function builtBase(base, mine) {
  let folder = resolve(base)
  if (!existsSync(join(base, 'package.json'))) {
    const parent = mkdtempSync(join(tmpdir(), 'scs-base-'))
    folder = join(parent, 'base')
    const git = (...args) => execFileSync('git', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
    git('worktree', 'add', '--detach', folder, base)
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    mine.teardown(() => {
      git('worktree', 'remove', '--force', folder)
      rmSync(parent, { recursive: true, force: true })
    })
  }
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: 'inherit' })
  return join(folder, 'dist')
}
