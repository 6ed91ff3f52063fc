import { job } from '../test/support/children.mjs'
import { report } from './report.mjs'

export const names = ['whole', 'cost', 'timing', 'footprint', 'sizes', 'cleanup', 'layouts']

/** Each question in a process of its own, where no other has filled the heap. Decision 19 quotes what layouts says; it has no page. */
export async function run({ chosen, share }) {
  for (const name of chosen.length > 0 ? chosen : names) {
    const { tables, ...made } = await job(`bench/micro/${name}.mjs`, 'measure', { share }, { flags: ['--expose-gc'] })
    await report(name, { command: `npm run bench -- micro ${name}`, ...made }, tables, share === 1 && name !== 'layouts')
  }
}
