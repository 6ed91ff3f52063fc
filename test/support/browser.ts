import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { programPath, type Scope } from './servers/process.ts'

/** How a browser is set up, as far as tests differ in it. */
export interface ProfileOptions {
  readonly userAgent?: string
  readonly deviceScaleFactor?: number
  readonly reducedMotion?: 'reduce'
  readonly javaScriptEnabled?: boolean
  /** Whether pages that one goes back to may come from memory, as in people's browsers. */
  readonly keepsPages?: boolean
}

/** No sandbox, which containers do not allow; no GPU, no updates, and nothing that calls home. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
/**
 * With it off, the back button would be easier to get right than it is. But for tests of that button it stays off: Playwright then loses no page.
 */
const NO_CACHE_FOR_BACK = '--disable-back-forward-cache'

const LOCALE = { locale: 'en-GB', timezoneId: 'UTC' }

/** The longest that a test waits for a page, in milliseconds: on a machine that does much else. */
const LONGEST = 30_000

/** A real browser with a profile of its own, as on a device of its own. It ends with the test. */
export async function openProfile(scope: Scope, { keepsPages = false, ...options }: ProfileOptions = {}): Promise<BrowserContext> {
  const folder = mkdtempSync(join(tmpdir(), 'scs-profile-'))
  scope.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: programPath('chromium', 'chromium'),
    headless: true,
    args: QUIET,
    ignoreDefaultArgs: keepsPages ? [NO_CACHE_FOR_BACK] : [],
    ...LOCALE,
    ...options,
  })
  scope.teardown(() => context.close())
  context.setDefaultTimeout(LONGEST)
  return context
}

/** The first page of a profile, which is there from the start. */
export async function pageOf(context: BrowserContext): Promise<Page> {
  return context.pages()[0] ?? (await context.newPage())
}

/** A page of a new profile. */
export async function openPage(scope: Scope, options: ProfileOptions = {}): Promise<Page> {
  return await pageOf(await openProfile(scope, options))
}

/** A page of a private window of the same browser, with cookies of its own: cheaper than a profile. It ends with the browser. */
export async function openPrivate(page: Page, options: ProfileOptions = {}): Promise<Page> {
  const browser = page.context().browser()
  if (browser === null) throw new Error('the browser has ended')
  const context = await browser.newContext({ ...LOCALE, ...options })
  context.setDefaultTimeout(LONGEST)
  return await context.newPage()
}
