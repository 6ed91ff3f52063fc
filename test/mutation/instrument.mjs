import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Instrumenter } from '@stryker-mutator/instrumenter'
import { textsOnly } from './texts.mjs'

export const root = fileURLToPath(new URL('../..', import.meta.url))
/** A copy of the sources with every mutant in it; below it, what that compiles to. */
export const copy = fileURLToPath(new URL(`build/${process.pid}`, import.meta.url))
const TESTS = ['lib', 'http', 'fastify', 'support'].map((name) => `test/${name}`)
const TAP = new URL('tap.mjs', import.meta.url).href
const COPIED = ['index.ts', 'lib', 'stores', 'types', ...TESTS, 'package.json', 'tsconfig.json']

const quiet = () => {}
const isQuiet = () => false
const LOGGER = { debug: quiet, info: quiet, warn: quiet, isDebugEnabled: isQuiet }

/** The files that mutants are made of. */
export function mutableFiles() {
  const lib = readdirSync(join(root, 'lib')).map((name) => `lib/${name}`)
  return ['index.ts', ...lib].filter((name) => name.endsWith('.ts'))
}

/** Builds the copy with the mutants of some files, each asleep until its id is in the environment; gives the mutants. */
export async function instrument(names) {
  process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
  mkdirSync(copy, { recursive: true })
  for (const name of COPIED) cpSync(join(root, name), join(copy, name), { recursive: true })
  const sources = names.map((name) => ({ name, mutate: true, content: readFileSync(join(root, name), 'utf8') }))
  const options = { plugins: null, excludedMutations: [], ignorers: [textsOnly] }
  const { files, mutants } = await new Instrumenter(LOGGER).instrument(sources, options)
  for (const { name, content } of files) writeFileSync(join(copy, name), content)
  compile()
  const lines = new Map(sources.map(({ name, content }) => [name, content.split('\n')]))
  return withKeys(mutants.map((mutant) => described(mutant, lines.get(mutant.fileName))))
}

/** A key by which a mutant is known again after changes elsewhere in its file. */
export function withKeys(mutants) {
  const seen = new Map()
  return mutants.map((mutant) => {
    const { file, text, column, mutator, original, replacement } = mutant
    const like = [file, text, column, mutator, original, replacement].join('\0')
    seen.set(like, (seen.get(like) ?? 0) + 1)
    return { ...mutant, key: `${like}\0${seen.get(like)}` }
  })
}

/** The types of mutants do not fit. */
function compile() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', copy, '--noCheck', '--sourceMap', 'false'], { stdio: ['ignore', 'inherit', 'inherit'] })
  const built = join(copy, 'build/test')
  for (const name of readdirSync(built, { recursive: true }).filter((each) => each.endsWith('.js'))) {
    const text = readFileSync(join(built, name), 'utf8')
    writeFileSync(join(built, name), text.replaceAll("from 'tap'", `from '${TAP}'`).replaceAll(/numRuns: \d+/g, 'numRuns: 100'))
  }
}

function described({ id, fileName, mutatorName, replacement, location, statusReason }, lines) {
  const { start, end } = location
  const part = lines.slice(start.line, end.line + 1)
  part[part.length - 1] = part.at(-1).slice(0, end.column)
  part[0] = part[0].slice(start.column)
  const original = part.join('\n')
  const text = lines[start.line].trim()
  return {
    id,
    text,
    file: fileName,
    line: start.line + 1,
    column: start.column + 1,
    mutator: mutatorName,
    original,
    replacement,
    ignored: statusReason,
  }
}
