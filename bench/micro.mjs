import { job } from '../test/support/children.mjs'
import { save, show } from './report.mjs'

export const names = ['whole', 'cost', 'timing', 'footprint', 'sizes', 'cleanup', 'layouts']

/** What is printed and not kept: decision 19 quotes it. */
const UNKEPT = ['layouts']

/** Each question in a process of its own, where no other has filled the heap. */
export async function run({ chosen, share }) {
  for (const name of chosen.length > 0 ? chosen : names) {
    const { tables, ...made } = await job(`bench/micro/${name}.mjs`, 'measure', { share }, { flags: ['--expose-gc'] })
    const keep = share === 1 && !UNKEPT.includes(name) ? save : show
    keep(name, { command: `npm run bench -- micro ${name}`, ...made }, tables)
  }
}
