import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'
import { root } from './readme.ts'

const AXE = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8')
/** Targets that are large enough are WCAG 2.2, which axe asks for only when it is told to. */
const OPTIONS: RunOptions = { rules: { 'target-size': { enabled: true } }, resultTypes: ['violations', 'incomplete'] }

const LOOKS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  ([1000, 390] as const).map((width) => ({ colorScheme, width, name: `${colorScheme}, ${width} pixels wide` })),
)

/** What axe finds or cannot decide on a page as it is now, and whether it is wider than the window; in light and dark, on a desk and on a phone. */
export async function findingsOf(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const { colorScheme, width, name } of LOOKS) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 720 })
    // There the notice, which stays in sight, covers nothing: what is covered axe cannot judge.
    await page.evaluate('scrollTo(0, document.body.scrollHeight)')
    const { violations, incomplete } = (await page.evaluate(`${AXE}; axe.run(document, ${JSON.stringify(OPTIONS)})`)) as AxeResults
    for (const { id, nodes } of [...violations, ...incomplete]) found.push(`${name}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    const excess = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    if (excess !== 0) found.push(`${name}: ${excess} pixels too wide`)
  }
  return found
}
