import { fileURLToPath } from 'node:url'
import { run } from '../../test/support/processes.mjs'
import { median } from '../report.mjs'

const LOADED = new URL('../../test/support/loaded.mjs', import.meta.url).href
const EMPTY = 'data:text/javascript,'

const program = (name) => `const start = performance.now(); await import('${name}'); console.log(performance.now() - start)`

async function inNode(args, cwd) {
  const { ok, output } = await run(process.execPath, [...args], { cwd })
  if (!ok) throw new Error(output)
  return output
}

async function timeOf(name, place) {
  return Number(await inNode(['--input-type=module', '-e', program(name)], place))
}

/** The files that an import loads, and the packages that they belong to. */
async function loadedBy(name, place) {
  const output = await inNode(['--import', LOADED, '--input-type=module', '-e', `import '${name}'`], place)
  const files = output.split('\n').filter((line) => line.includes('/node_modules/'))
  const paths = new Set(files.map((line) => (line.startsWith('file:') ? fileURLToPath(line) : line)))
  const packages = [...paths].map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
  return { modules: paths.size, packages: [...new Set(packages)].sort() }
}

/** Milliseconds from a process that runs to a package that is there, in processes of their own, one after the other in turn. */
export async function measureImports(places, times) {
  const names = { 'an empty module': EMPTY, ...Object.fromEntries(Object.keys(places).map((name) => [name, name])) }
  const samples = Object.fromEntries(Object.keys(names).map((title) => [title, []]))
  const placeOf = (title) => places[title] ?? process.cwd()
  // Round 0 brings the files into memory.
  for (let round = 0; round <= times; round++) {
    for (const [title, name] of Object.entries(names)) {
      const took = await timeOf(name, placeOf(title))
      if (round > 0) samples[title].push(took)
    }
  }
  const rows = []
  for (const [title, all] of Object.entries(samples)) {
    const loaded = title in places ? await loadedBy(title, places[title]) : { modules: 0, packages: [] }
    rows.push({ name: title, median: median(all), min: Math.min(...all), max: Math.max(...all), ...loaded })
  }
  return rows
}
