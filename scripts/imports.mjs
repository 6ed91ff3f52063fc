import { posix } from 'node:path'

const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=(?:^|[=(,:!&|?{};[]|return)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/gm

const blank = (text) => text.replace(/[^\n]/g, ' ')
const isCode = (token) => /^['"]|^\/[^/*]/.test(token)
const withoutComments = (text) => text.replace(TOKEN, (token) => (isCode(token) ? token : blank(token)))
export const withoutTexts = (text) => text.replace(TOKEN, blank)

// `import { type A } from` is run all the same (verbatimModuleSyntax): only `import type` is not.
const IMPORTS = [
  [
    /^[ \t]*(?:import|export)\s+(type\s+(?!from\b))?(?:[\w$]+\s*,?\s*)?(?:\{[^}]*\}|\*(?:\s*as\s+[\w$]+)?)?\s*from\s*['"]([^'"]+)['"]/gm,
    (typed) => (typed ? 'type' : 'run'),
  ],
  [/^[ \t]*import\s*()['"]([^'"]+)['"]/gm, () => 'run'],
  [/(typeof\s+)?\bimport\(\s*['"]([^'"]+)['"]\s*\)/g, (typed, rest) => (typed || /^\.[A-Z]/.test(rest) ? 'type' : 'run')],
  [/\brequire()\(\s*['"]([^'"]+)['"]\s*\)/g, () => 'run'],
  [/\bdeclare\s+module()\s+['"]([^'"]+)['"]/g, () => 'type'],
]

/** What a file imports: `{ from, to, kind }`, `to` being a path of ours or a package, and `kind` `'run'` or `'type'`. */
export function importsOf(from, text) {
  const code = withoutComments(text)
  return IMPORTS.flatMap(([pattern, kindOf]) =>
    [...code.matchAll(pattern)].map((match) => {
      const [whole, typed, to] = match
      const kind = kindOf(typed, code.slice(match.index + whole.length))
      return { from, to: to.startsWith('.') ? posix.join(posix.dirname(from), to) : to, kind, ours: to.startsWith('.') }
    }),
  )
}
