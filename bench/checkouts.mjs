import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { table } from '../test/support/markdown.mjs'
import { cases } from './cases.mjs'
import { databasesFor } from './databases.mjs'
import { stayWithClient } from './load/cores.mjs'
import { measure, prepareCase } from './load/measure.mjs'
import { installWrk } from './load/wrk.mjs'
import { median } from './report.mjs'
import { startServer } from './servers.mjs'
import { variants } from './variants/index.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A checkout to compare with: a folder as it is, or a commit, taken out into a folder of its own for as long as it is needed. */
function checkoutOf(base) {
  if (existsSync(join(base, 'package.json'))) return { folder: resolve(base), remove: () => {} }
  const folder = join(mkdtempSync(join(tmpdir(), 'scs-base-')), 'base')
  const git = (...args) => execFileSync('git', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  git('worktree', 'add', '--detach', folder, base)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const remove = () => {
    git('worktree', 'remove', '--force', folder)
    rmSync(join(folder, '..'), { recursive: true, force: true })
  }
  return { folder, remove }
}

/** Of the variants of a case the one that is held to an aim, which is a store of ours. */
const subjectOf = (name) => cases[name].aims[0].of

/** This checkout and another, in pairs whose order changes: what a ratio within a pair says, a noisy machine changes least. */
export async function compareCheckouts(chosen, base, { rounds, seconds, connections }) {
  installWrk()
  stayWithClient()
  const { folder, remove } = checkoutOf(base)
  const subjects = [...new Set(chosen.map(subjectOf))]
  const databases = await databasesFor(subjects)
  const pairs = []
  try {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: 'inherit' })
    for (const subject of subjects) {
      const port = databases.portOf(variants[subject].database)
      pairs.push([await startServer(subject, { port }), await startServer(subject, { port, dist: join(folder, 'dist') })])
    }
    const rows = []
    for (const name of chosen) {
      const pair = pairs.find(([{ variant }]) => variant === subjectOf(name))
      rows.push(row(name, await compare(name, pair, { rounds, seconds, connections })))
    }
    const head = ['this checkout to the base', 'requests/s', 'min', 'max', 'CPU µs a request', 'min', 'max']
    console.log(
      `${table(head, rows)}\n\nMedians of ${rounds} pairs of ${seconds} s each; above 1.00 in requests and below it in CPU is faster.`,
    )
  } finally {
    for (const server of pairs.flat()) server.stop()
    await databases.stop()
    remove()
  }
}

async function compare(name, pair, { rounds, seconds, connections }) {
  const cookies = [await prepareCase(pair[0], name, connections), await prepareCase(pair[1], name, connections)]
  const take = (i, duration) => measure(pair[i], name, cookies[i], { seconds: duration, connections })
  for (const i of [0, 1]) await take(i, 1)
  const ratios = []
  for (let round = 0; round < rounds; round++) {
    const first = round % 2
    const samples = []
    for (const i of [first, 1 - first]) samples[i] = await take(i, seconds)
    const [mine, theirs] = samples
    ratios.push({ rate: mine.rate / theirs.rate, cpu: mine.cpu / theirs.cpu })
  }
  return ratios
}

function row(name, ratios) {
  const column = (values) => [median(values), Math.min(...values), Math.max(...values)].map((value) => value.toFixed(3))
  return [name, ...column(ratios.map(({ rate }) => rate)), ...column(ratios.map(({ cpu }) => cpu))]
}
