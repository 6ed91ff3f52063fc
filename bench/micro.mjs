import { job } from '../test/support/children.mjs'
import { owner } from '../test/support/engines.mjs'
import { builtBase } from './base.mjs'
import { report } from './report.mjs'

export const names = ['whole', 'cost', 'timing', 'footprint', 'sizes', 'cleanup', 'layouts']

/** Each question in a process of its own, where no other has filled the heap. Decision 19 quotes what layouts says; it has no page. */
async function ask(name, { share, base, check }) {
  const { tables, ...made } = await job(`bench/micro/${name}.mjs`, 'measure', { share, base }, { flags: ['--expose-gc'] })
  const isKept = share === 1 && base === undefined && name !== 'layouts'
  const command = ['npm run bench -- micro', name, ...(check === undefined ? [] : ['--check', check])].join(' ')
  await report(name, { command, ...made }, tables, isKept)
}

/** With `--check` whole requests of this checkout and of another, in one process. */
export async function run({ chosen, share, check }) {
  if (check !== undefined && chosen.join() !== 'whole') throw new TypeError('--check is for micro whole')
  const mine = owner()
  try {
    const base = check === undefined ? undefined : builtBase(check, mine)
    for (const name of chosen.length > 0 ? chosen : names) await ask(name, { share, base, check })
  } finally {
    await mine.end()
  }
}
