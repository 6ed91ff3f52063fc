import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './readme.ts'

export const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')

/** The Markdown files in a folder and below it, but for packages. */
export function pagesIn(folder: string): string[] {
  const names = readdirSync(join(root, folder), { withFileTypes: true })
  const pages = names.flatMap((entry) => {
    const path = join(folder, entry.name).replaceAll('\\', '/')
    if (entry.isDirectory()) return /^(node_modules|build|dist|\..*)$/.test(entry.name) ? [] : pagesIn(path)
    return entry.isFile() && entry.name.endsWith('.md') ? [path] : []
  })
  return pages.sort()
}

/** The pages of docs/ but for those whose programs test/neighbours runs, beside the packages that they are about. */
export const ownPages = (): string[] => pagesIn('docs').filter((page) => !/^docs\/(recipes|migrating)\//.test(page))

/** A page without its blocks of code, line for line. */
export function proseOf(text: string): string {
  return text.replace(/^( *)```[^\n]*\n[\s\S]*?^\1```$/gm, (block) => block.replace(/[^\n]/g, ''))
}

/** The title of a page, and the first sentence below it. */
export function openingOf(text: string): { title: string; sentence: string } {
  const [title = '', paragraph = ''] = text.split('\n\n')
  return { title: title.replace(/^# /, ''), sentence: joined(paragraph) }
}

export const joined = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** Where a link to this page may lead: its headings, as GitHub names them, and what has an id. */
export function anchorsOf(text: string): Set<string> {
  const prose = proseOf(text)
  const seen = new Map<string, number>()
  const headings = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const name = slugOf(heading)
    const count = seen.get(name) ?? 0
    seen.set(name, count + 1)
    return count === 0 ? name : `${name}-${count}`
  })
  return new Set([...headings, ...[...prose.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)])
}

const slugOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-')

/** The targets of a page's links and images that are no addresses of the web. */
export function linksOf(text: string): string[] {
  const prose = proseOf(text).replace(/`[^`\n]*`/g, '')
  const targets = [...prose.matchAll(/\]\(\s*([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\s*\)/g)].map(([, target = '']) => target)
  return targets.filter((target) => !/^[a-z]+:/.test(target))
}

/** Lines that are longer than `most` and could be broken: all but those that are one word, one link or one span of code. */
export function longLines(text: string, most: number): string[] {
  return text.split('\n').filter((line) => line.length > most && !isOnePiece(line))
}

function isOnePiece(line: string): boolean {
  const piece = line.replace(/^\s*(?:[-*]|\d+\.) /, '').trim()
  return /^(?:\S+|!?\[[^\]]*\]\([^)]*\)\S*|`[^`]*`\S*)$/.test(piece)
}
