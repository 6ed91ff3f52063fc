import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The project's folder; the compiled tests are two folders below it. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** A code block of the README: its language and its text. Programs begin with a comment that names their file. */
export interface Block {
  readonly language: string
  readonly text: string
  readonly file: string | undefined
}

/** The blocks of a page. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({
    language,
    text: body,
    file: /^\/\/ (\S+)\n/.exec(body)?.[1],
  }))
}

/** Writes the README's programs beside one another, inside the package so that `fastify-scs` is its own name, and compiles them. */
export function compileReadme(blocks: readonly Block[]): (file: string) => URL {
  const folder = join(root, 'build', 'readme')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { file, text } of blocks) {
    if (file !== undefined) writeFileSync(join(folder, file), text)
  }
  // One program each: an augmentation holds for a whole program.
  for (const { file } of blocks) {
    if (file?.endsWith('.ts')) compile(folder, file)
  }
  return (file) => pathToFileURL(join(folder, file))
}

function compile(folder: string, file: string): void {
  const flags =
    '--ignoreConfig --strict --skipLibCheck --module nodenext --target es2022 --types node --rewriteRelativeImportExtensions --noUnusedLocals'
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  try {
    // Without the hooks that the test runner puts into every Node process below it: the compiler does not load under them.
    execFileSync('env', ['-u', 'NODE_OPTIONS', process.execPath, tsc, file, ...flags.split(' ')], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    })
  } catch (error) {
    throw new Error(`README: ${file} does not compile:\n${(error as { stdout?: string }).stdout}`)
  }
}
