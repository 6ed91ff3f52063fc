import t from 'tap'
import { findingsOf } from '../support/axe.ts'
import { openPage } from '../support/browser.ts'
import { fillSignIn, loseCookies, serveDemo, signIn } from '../support/demo.ts'
import { BROWSER_LIMIT } from '../support/limit.ts'

t.setTimeout(BROWSER_LIMIT)

const demo = await serveDemo(t)
const page = await openPage(t)
await page.clock.install({ time: demo.clock() })
const complaints: string[] = []
page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
page.on('pageerror', (error) => complaints.push(error.message))

t.test('axe finds nothing on any page, in light and dark, on a desk and on a phone', async (t) => {
  const check = async (path: string, title: string) => {
    if (path !== '') await page.goto(`${demo.url}${path}`)
    t.equal(await page.title(), `${title} – Leaf`)
    t.same(await findingsOf(page), [], path)
  }
  await check('/', 'Tea, by the tin')
  await check('/cart', 'Your cart')
  await check('/sign-in', 'Sign in')
  await fillSignIn(page, 'ada', 'coffee')
  await check('', 'Sign in')
  await signIn(page, demo, 'olga')
  await loseCookies(page)
  await signIn(page, demo, 'olga')
  await page.getByRole('button', { name: 'Add Assam to the cart' }).click()
  await check('', 'Tea, by the tin')
  await check('/cart', 'Your cart')
  await check('/devices', 'Your devices')
  await check('/account', 'Your account')
  await check('/account/email', 'Change your e-mail address')
  await check('/operators', 'Sessions')
  await check('/nowhere', 'No such page')
  await check('/confirm', 'Confirm your password')
  demo.clock.advance(14 * 60_000)
  await page.clock.runFor(14 * 60_000)
  await page.getByRole('region', { name: 'The end of your session' }).waitFor()
  await check('', 'Confirm your password')
})

t.test('the keyboard reaches the content first, and no page breaks its own content security policy', async (t) => {
  await page.goto(demo.url)
  await page.keyboard.press('Tab')
  t.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the content')
  await page.keyboard.press('Enter')
  t.equal(await page.evaluate('document.activeElement.id'), 'main')
  t.same(
    complaints.filter((each) => !/status of (?:401|404)/.test(each)),
    [],
  )
})
