import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The project's folder; the compiled tests are two folders below it. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** A block of code of a page: its language and its text. Programs begin with a comment that names their file. */
export interface Block {
  readonly page: string
  readonly language: string
  readonly text: string
  readonly file: string | undefined
}

/** The blocks of a page. Those in a list are indented, and have their indentation still. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map(([, , language = '', body = '']) => ({
    page,
    language,
    text: body,
    file: /^\/\/ (\S+)\n/.exec(body)?.[1],
  }))
}

/** The settings with which the programs are compiled, beside those of the README. */
const FLAGS = '--strict --skipLibCheck --module nodenext --target es2022 --types node --rewriteRelativeImportExtensions --noUnusedLocals'

/**
 * Writes programs beside one another into a folder of `build`, inside the package so that `fastify-scs` is its own name, and compiles them.
 * Returns where a file of theirs is.
 */
export function compilePrograms(name: string, programs: ReadonlyArray<Pick<Block, 'file' | 'text'>>): (file: string) => URL {
  const folder = join(root, 'build', name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { file, text } of programs) {
    if (file !== undefined) writeFileSync(join(folder, file), text)
  }
  const typed = programs.flatMap(({ file, text }) => (file?.endsWith('.ts') ? [{ file, text }] : []))
  // An augmentation holds for all that is compiled with it.
  const alone = typed.filter(({ text }) => text.includes('declare module') || flagsOf(text).length > 0)
  const together = typed.filter((program) => !alone.includes(program))
  for (const some of [together, ...alone.map((program) => [program])]) {
    if (some.length > 0)
      compile(
        folder,
        some.map(({ file }) => file),
        [...FLAGS.split(' '), ...some.flatMap(({ text }) => flagsOf(text))],
      )
  }
  return (file) => pathToFileURL(join(folder, file))
}

/** The settings that a program needs beside these: its second line is `// tsc --flag`. */
function flagsOf(text: string): string[] {
  return /^.*\n\/\/ tsc (.*)\n/.exec(text)?.[1]?.split(' ') ?? []
}

/** Compiles programs. What the compiler has against it is in the error's message. */
export function compile(folder: string, files: readonly string[], flags: readonly string[]): void {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  try {
    // Without the hooks that the test runner puts into every Node process below it: the compiler does not load under them.
    execFileSync('env', ['-u', 'NODE_OPTIONS', process.execPath, tsc, ...files, '--ignoreConfig', ...flags], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    })
  } catch (error) {
    throw new Error(`${files.join(' ')}: does not compile:\n${(error as { stdout?: string }).stdout}`)
  }
}
