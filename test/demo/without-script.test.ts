import t from 'tap'
import { openPage, openPrivate } from '../support/browser.ts'
import { headingOf, notesOf, serveDemo, signIn } from '../support/demo.ts'
import { BROWSER_LIMIT } from '../support/limit.ts'

t.setTimeout(BROWSER_LIMIT)

const demo = await serveDemo(t)
const page = await openPage(t, { javaScriptEnabled: false, keepsPages: true })
const other = await openPrivate(page)

t.test('with JavaScript off, all of it works', async (t) => {
  await signIn(page, demo, 'olga')
  await page.getByRole('button', { name: 'Add Sencha to the cart' }).click()
  t.same(await notesOf(page), ['Sencha is in your cart.'])
  await page.getByRole('link', { name: 'Cart (1)' }).click()
  t.match(await page.locator('main').textContent(), /Sencha/)

  await signIn(other, demo, 'olga')
  await page.getByRole('link', { name: 'Devices' }).click()
  await page.getByRole('button', { name: /^Sign out Chrome/ }).click()
  t.same(await notesOf(page), ['That device is signed out.'])
  await other.getByRole('link', { name: 'Account' }).click()
  t.equal(await headingOf(other), 'Sign in')

  await page.getByRole('link', { name: 'Operators' }).click()
  t.equal(await page.locator('dd').nth(3).textContent(), '1', 'ended')
  await page.getByRole('link', { name: 'reloading' }).click()
  t.equal(await headingOf(page), 'Sessions')

  demo.clock.advance(11 * 60_000)
  await page.getByRole('link', { name: 'Account' }).click()
  await page.getByRole('link', { name: 'Change' }).click()
  t.equal(await headingOf(page), 'Confirm your password')
  await page.getByLabel('Password').fill('tea at six')
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.getByLabel('New e-mail address').fill('olga@example.org')
  await page.getByRole('button', { name: 'Change it' }).click()
  t.same(await notesOf(page), ['Your e-mail address is changed.'])
})

t.test('with JavaScript off, the page says when the session ends, and its link prolongs it', async (t) => {
  await page.getByRole('link', { name: 'Account' }).click()
  t.match(await page.locator('footer').textContent(), /If you do nothing, you are signed out at 00:26 UTC\./)
  demo.clock.advance(10 * 60_000)
  await page.getByRole('link', { name: 'Stay signed in' }).click()
  t.equal(await headingOf(page), 'Your account')
  t.match(await page.locator('footer').textContent(), /signed out at 00:36 UTC\./)
  t.equal(await page.getByRole('region').count(), 0, 'no notice that could not be closed')
})

t.test('with JavaScript off, a sign-out is final', async (t) => {
  await page.getByRole('link', { name: 'Account' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  t.same(await notesOf(page), ['You are signed out.'], 'and the page is there, without which the browser cannot go back')
  await page.goBack({ waitUntil: 'commit' })
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.notMatch(await page.locator('body').textContent(), /olga@example/)
})
