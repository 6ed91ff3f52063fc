import type { Page } from 'playwright-core'
import t from 'tap'
import { openPage } from '../support/browser.ts'
import { headingOf, notesOf, serveDemo, signIn } from '../support/demo.ts'
import { BROWSER_LIMIT } from '../support/limit.ts'

t.setTimeout(BROWSER_LIMIT)

const MINUTE = 60_000
const demo = await serveDemo(t)
const page = await openPage(t)
await page.clock.install({ time: demo.clock() })

/** Time passes on the server, and then in a page. */
async function pass(minutes: number, tab: Page = page): Promise<void> {
  demo.clock.advance(minutes * MINUTE)
  await tab.clock.runFor(minutes * MINUTE)
}
const notice = page.getByRole('region', { name: 'The end of your session' })

t.test('a notice comes two minutes before the idle end, and its button keeps the session', async (t) => {
  await signIn(page, demo, 'ada')
  t.equal(await page.locator('footer time').textContent(), '00:15')
  await pass(12.9)
  t.equal(await notice.isVisible(), false)
  await pass(0.2)
  await notice.waitFor()
  t.equal(await page.getByRole('alert').textContent(), 'You will be signed out at 00:15.')
  await notice.getByRole('button', { name: 'Stay signed in' }).click()
  await notice.waitFor({ state: 'hidden' })
  await pass(12.9)
  t.equal(await notice.isVisible(), false)
  await page.getByRole('link', { name: 'Account' }).click()
  t.equal(await headingOf(page), 'Your account')
})

t.test('what another tab does takes the notice away', async (t) => {
  await pass(14)
  await notice.waitFor()
  const other = await page.context().newPage()
  await other.goto(`${demo.url}/cart`)
  await page.clock.runFor(10_000)
  await notice.waitFor({ state: 'hidden' })
  await other.close()
  t.pass('it is gone')
})

t.test('an open page keeps no session alive, and at the end shows nothing of the account', async (t) => {
  await page.goto(`${demo.url}/account`)
  for (let minute = 0; minute < 14; minute++) await pass(1)
  await notice.waitFor()
  await pass(1.1)
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.same(await notesOf(page), ['Your session has ended. Please sign in again.'])
  t.notMatch(await page.locator('body').textContent(), /ada@example/)
})

t.test('a session that is remembered stays for days', async (t) => {
  await page.getByLabel('Keep me signed in on this device').check()
  await page.getByLabel('Account', { exact: true }).fill('ada')
  await page.getByLabel('Password').fill('tea at four')
  await page.locator('main').getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Your account' }).waitFor()
  demo.clock.advance(6 * 24 * 60 * MINUTE)
  await page.reload()
  t.equal(await headingOf(page), 'Your account')
  await page.getByRole('link', { name: 'Devices' }).click()
  t.match(await page.locator('main .rows li').textContent(), /stays signed in/)
})
