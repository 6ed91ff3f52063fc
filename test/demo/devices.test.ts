import type { Page } from 'playwright-core'
import t from 'tap'
import { openPage } from '../support/browser.ts'
import { headingOf, loseCookies, notesOf, serveDemo, signIn } from '../support/demo.ts'
import { BROWSER_LIMIT } from '../support/limit.ts'

t.setTimeout(BROWSER_LIMIT)

const demo = await serveDemo(t)
const [laptop, phone] = await Promise.all([openPage(t), openPage(t)])

const rowsOf = async (page: Page) => {
  await page.goto(`${demo.url}/devices`)
  return await page.locator('main .rows li').count()
}
const isSignedIn = async (page: Page) => {
  await page.goto(`${demo.url}/account`)
  return (await headingOf(page)) === 'Your account'
}

t.test('of two browsers that are signed in, each sees both, and signs the other one out', async (t) => {
  await signIn(laptop, demo, 'ada')
  demo.clock.advance(60_000)
  await signIn(phone, demo, 'ada')
  t.equal(await rowsOf(phone), 2)
  t.equal(await rowsOf(laptop), 2)
  t.match(await laptop.locator('main .rows li').first().textContent(), /Chrome on Linux\s+this device/)
  t.equal(await laptop.getByRole('button', { name: 'Sign out Chrome on Linux' }).count(), 1, 'no button for this device')

  await laptop.getByRole('button', { name: 'Sign out Chrome on Linux' }).click()
  t.same(await notesOf(laptop), ['That device is signed out.'])
  t.equal(await laptop.locator('main .rows li').count(), 1)

  await phone.getByRole('link', { name: 'Account' }).click()
  t.equal(await headingOf(phone), 'Sign in')
  t.same(await notesOf(phone), ['Your session has ended. Please sign in again.'])
  t.equal(await isSignedIn(laptop), true)
})

t.test("the id of another account's session ends nothing", async (t) => {
  const { token, id } = await demo.app.sessions.create({ userId: 'grace' })
  await demo.app.sessions.create({ userId: 'ada' })
  t.equal(await rowsOf(laptop), 2)
  await laptop.locator('input[name=id]').evaluate((input, value) => input.setAttribute('value', value), id)
  await laptop.getByRole('button', { name: /^Sign out A device/ }).click()
  t.same(await notesOf(laptop), ['That device was signed out already.'])
  t.not(await demo.app.sessions.find(token), undefined)
})

t.test('a fourth sign-in ends the oldest, and three stay', async (t) => {
  await demo.app.sessions.destroyOwnedBy('ada')
  await signIn(laptop, demo, 'ada')
  for (const count of [2, 3]) {
    demo.clock.advance(1000)
    await loseCookies(phone)
    await signIn(phone, demo, 'ada')
    t.equal(await rowsOf(phone), count)
    t.equal(await isSignedIn(laptop), true)
  }
  demo.clock.advance(1000)
  await loseCookies(phone)
  await signIn(phone, demo, 'ada')
  t.equal(await rowsOf(phone), 3)
  t.equal(await isSignedIn(phone), true)
  t.equal(await isSignedIn(laptop), false)
})

t.test('one button signs all other devices out, and not this one', async (t) => {
  await signIn(laptop, demo, 'ada')
  t.equal(await rowsOf(laptop), 3)
  await laptop.getByRole('button', { name: 'Sign out all other devices' }).click()
  t.same(await notesOf(laptop), ['2 other devices are signed out.'])
  t.equal(await rowsOf(laptop), 1)
  t.equal(await isSignedIn(phone), false)
})
