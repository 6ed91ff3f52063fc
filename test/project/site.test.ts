import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'
import { LIMIT } from '../support/limit.ts'
import { pagesIn } from '../support/pages.ts'
import { root } from '../support/readme.ts'

t.setTimeout(LIMIT)

/** What a page of HTML has that can be led to, and where it leads. */
function readPage(html: string): { ids: ReadonlySet<string>; links: readonly string[] } {
  const all = (pattern: RegExp) => [...html.matchAll(pattern)].map(([, value = '']) => value.replaceAll('&amp;', '&'))
  return { ids: new Set(all(/\sid="([^"]+)"/g)), links: all(/\s(?:href|src)="([^"]+)"/g) }
}

t.test('npm run docs: every export has a comment, and no link of the site is dead', async (t) => {
  // TypeDoc is told to fail where an export has no comment.
  execFileSync('npm', ['run', '--silent', 'docs'], { cwd: root, encoding: 'utf8' })
  const site = join(root, 'build/site')
  const files = new Set(readdirSync(site, { recursive: true, encoding: 'utf8' }))
  const names = [...files].filter((file) => file.endsWith('.html'))
  const pages = new Map(names.map((file) => [file, readPage(readFileSync(join(site, file), 'utf8'))]))
  let count = 0
  for (const [page, { links }] of pages) {
    for (const link of links.filter((each) => !/^(?:https?|mailto|data):/.test(each))) {
      const [path = '', anchor = ''] = decodeURIComponent(link).split('#')
      const target = path === '' ? page : normalize(join(dirname(page), path))
      if (!files.has(target)) t.fail(`${page}: ${link} leads to no file`)
      else if (anchor !== '' && pages.has(target) && !pages.get(target)?.ids.has(anchor)) t.fail(`${page}: ${link} leads to no heading`)
      count++
    }
  }
  t.ok(count > 5000, `${count} links`)
  const documents = [...files].filter((file) => file.startsWith('documents/'))
  t.equal(documents.length, pagesIn('docs').length + 3, 'every page of docs/, and three of the project')
})
