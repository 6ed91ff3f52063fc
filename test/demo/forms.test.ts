import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import t from 'tap'
import { openPage } from '../support/browser.ts'
import { fillSignIn, headingOf, notesOf, PASSWORDS, serveDemo, signIn } from '../support/demo.ts'
import { BROWSER_LIMIT } from '../support/limit.ts'

t.setTimeout(BROWSER_LIMIT)

/** How many requests to the cart must have loaded their session before one goes on. */
let together = 1
const waiting: Array<() => void> = []

const demo = await serveDemo(t, (app) =>
  app.addHook('preHandler', async (request) => {
    if (request.url !== '/cart/add' || together < 2) return
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
      if (waiting.length >= together) for (const goOn of waiting.splice(0)) goOn()
    })
  }),
)
const page = await openPage(t)
const add = (tab: Page, product: string) => tab.getByRole('button', { name: `Add ${product} to the cart` }).click()
const emailIn = async (tab: Page) => {
  await tab.goto(`${demo.url}/account`)
  return (await tab.locator('main .rows li').nth(1).locator('.dim').textContent()) ?? ''
}

t.test('what two tabs put into the cart at the same time is all there', async (t) => {
  await signIn(page, demo, 'ada')
  const tabs = [page, await page.context().newPage(), await page.context().newPage()]
  for (const tab of tabs) await tab.goto(demo.url)
  together = tabs.length
  await Promise.all([add(tabs[0] as Page, 'Assam'), add(tabs[1] as Page, 'Assam'), add(tabs[2] as Page, 'Sencha')])
  together = 1
  await page.goto(`${demo.url}/cart`)
  t.same(await page.locator('main .rows .dim').allTextContents(), ['2 × € 7.20', '1 × € 9.40'])
  t.equal(await page.locator('.total .price').textContent(), '€ 23.80')
  t.equal(await page.getByRole('link', { name: 'Cart (3)' }).count(), 1)
})

t.test('a message is shown once', async (t) => {
  await page.goto(demo.url)
  await add(page, 'Oolong')
  t.same(await notesOf(page), ['Oolong is in your cart.'])
  await page.reload()
  t.same(await notesOf(page), [])
  await page.goto(`${demo.url}/cart`)
  await page.getByRole('button', { name: 'Remove Oolong' }).click()
  t.same(await notesOf(page), ['Oolong is no longer in your cart.'])
  t.equal(await page.locator('main .rows li').count(), 3, 'two products and the total')
})

/** A site of somebody else, with a form that sends itself to the demo. */
async function attack(host: string, action: string, field: string): Promise<void> {
  const html = `<form method="post" action="${demo.url}${action}"><input name="${field}" value="mallory@example.com">
    <script>document.forms[0].submit()</script></form>`
  const server = createServer((_request, reply) => reply.setHeader('content-type', 'text/html').end(html)).listen(0, host)
  await once(server, 'listening')
  await page.goto(`http://${host}:${(server.address() as AddressInfo).port}/`, { waitUntil: 'commit' })
  await page.waitForURL(`${demo.url}/**`)
  server.closeAllConnections()
  server.close()
}

t.test('a form on another site changes nothing, and neither does one on another port of this host, which gets the cookie', async (t) => {
  await attack('127.0.0.1', '/account/email', 'email')
  t.equal(await headingOf(page), 'Change your e-mail address', 'led there as anybody is who signs in')
  t.equal(await emailIn(page), 'ada@example.com', 'still signed in')
  await attack('localhost', '/account/email', 'email')
  t.equal(await headingOf(page), 'This form is too old')
  t.equal(await emailIn(page), 'ada@example.com')
})

t.test('a form whose session expired changes nothing, and after a sign-in leads back to it', async (t) => {
  await page.goto(`${demo.url}/account/email`)
  await page.getByLabel('New e-mail address').fill('countess@example.com')
  demo.clock.advance(16 * 60_000)
  await page.getByRole('button', { name: 'Change it' }).click()
  t.equal(await headingOf(page), 'Sign in')
  t.same(await notesOf(page), ['Your session has ended. Please sign in again. Nothing was changed.'])
  await fillSignIn(page, 'ada', PASSWORDS.ada)
  await page.getByRole('heading', { name: 'Change your e-mail address' }).waitFor()
  t.equal(await page.getByLabel('New e-mail address').inputValue(), 'ada@example.com')
})

t.test('a sensitive change asks for the password when the sign-in was a while ago', async (t) => {
  await page.goto(`${demo.url}/account/email`)
  await page.getByLabel('New e-mail address').fill('countess@example.com')
  demo.clock.advance(11 * 60_000)
  await page.getByRole('button', { name: 'Change it' }).click()
  t.equal(await headingOf(page), 'Confirm your password')
  t.equal(await emailIn(page), 'ada@example.com')

  await page.getByRole('link', { name: 'Change' }).click()
  t.equal(await headingOf(page), 'Confirm your password')
  await page.getByLabel('Password').fill('coffee')
  await page.getByRole('button', { name: 'Confirm' }).click()
  t.match(await page.getByRole('alert').first().textContent(), 'The password is wrong.')
  await page.getByLabel('Password').fill(PASSWORDS.ada)
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.getByLabel('New e-mail address').fill('countess@example.com')
  await page.getByRole('button', { name: 'Change it' }).click()
  t.same(await notesOf(page), ['Your e-mail address is changed.'])
  t.equal(await emailIn(page), 'countess@example.com')
})
