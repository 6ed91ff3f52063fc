import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, root } from '../test/support/processes.mjs'
import { importsOf } from './imports.mjs'

/** What bench, scripts and test may import of each other. A test of a script loads it by its path. */
const MAY = {
  bench: ['test/support/'],
  scripts: ['test/support/', 'test/attacks/registry/', 'test/fuzz/'],
  test: [],
}

const folderOf = (file) => file.slice(0, file.indexOf('/'))

/** What breaks that, of files given as a Map of file name to text. What is compiled counts as its source. */
export function checkWorkshop(files) {
  const imports = [...files].flatMap(([file, text]) => importsOf(file, text)).filter(({ ours }) => ours)
  const refused = imports.filter(({ from, to }) => {
    const [own, place] = [folderOf(from), to.replace(/^build\//, '')]
    return folderOf(place) in MAY && folderOf(place) !== own && !MAY[own].some((allowed) => place.startsWith(allowed))
  })
  return refused.map(({ from, to }) => `${from}: imports ${to}: ${folderOf(from)} may import ${MAY[folderOf(from)].join(', ') || 'itself'}`)
}

/** The texts of files, as a Map of file name to text. */
export function readFiles(names) {
  return new Map(names.map((name) => [name, readFileSync(join(root, name), 'utf8')]))
}

/** The files of bench, scripts and test, without what is installed or compiled there. */
export function readWorkshop() {
  const names = Object.keys(MAY).flatMap(filesBelow)
  return readFiles(names.filter((name) => /\.(ts|mjs)$/.test(name) && !name.includes('/build/')))
}
