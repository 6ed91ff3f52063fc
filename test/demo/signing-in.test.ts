import t from 'tap'
import { openPage } from '../support/browser.ts'
import { fillSignIn, loseCookies, notesOf, PASSWORDS, serveDemo, signIn } from '../support/demo.ts'
import { LIMIT } from '../support/limit.ts'

t.setTimeout(LIMIT)

const demo = await serveDemo(t)
const page = await openPage(t)

const tokenOf = async () => (await page.context().cookies()).find(({ name }) => name === 'session')?.value ?? ''
const privateData = /ada@example\.com|Ada Lovelace/

t.test('a cart that was filled before the sign-in is there after it, and the token from before is dead', async (t) => {
  await page.goto(demo.url)
  await page.getByRole('button', { name: 'Add Rooibos to the cart' }).click()
  const before = await tokenOf()
  await signIn(page, demo, 'ada')
  t.equal(await page.getByRole('link', { name: 'Cart (1)' }).count(), 1)
  t.not(await tokenOf(), before)
  t.equal(await demo.app.sessions.find(before), undefined)
  t.not(await demo.app.sessions.find(await tokenOf()), undefined)
})

t.test('a session and its cart survive a restart of the server', async (t) => {
  await demo.restart()
  await page.getByRole('link', { name: 'Cart (1)' }).click()
  t.match(await page.locator('main').textContent(), /Rooibos1 × € 5.60/)
  await page.getByRole('link', { name: 'Account' }).click()
  t.match(await page.locator('main').textContent(), /ada@example\.com/)
})

t.test('after a sign-out, the back button shows nothing of the account', async (t) => {
  await page.goto(`${demo.url}/account`)
  t.match(await page.locator('body').textContent(), privateData)
  await page.getByRole('button', { name: 'Sign out' }).click()
  t.same(await notesOf(page), ['You are signed out.'])
  await page.goBack()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.notMatch(await page.locator('body').textContent(), privateData)
  t.equal(await demo.app.sessions.count(), 1, 'the session of the sign-in page alone')
})

t.test('after a sign-out elsewhere, the back button shows nothing of the account either', async (t) => {
  await signIn(page, demo, 'ada')
  await page.goto(`${demo.url}/account`)
  await page.goto(`${demo.url}/cart`)
  await demo.app.sessions.destroyOwnedBy('ada')
  await page.goBack()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.notMatch(await page.locator('body').textContent(), privateData)
})

t.test('a wrong name and a wrong password get the same answer, and a sign-in asks for no more than that', async (t) => {
  await loseCookies(page)
  const answers = []
  for (const [account, password] of [
    ['ada', 'coffee'],
    ['nobody', 'coffee'],
  ] as const) {
    await page.goto(`${demo.url}/sign-in`)
    await fillSignIn(page, account, password)
    await page.getByRole('alert').waitFor()
    t.equal(await page.getByLabel('Account', { exact: true }).inputValue(), account)
    answers.push((await page.locator('form.card').textContent())?.trim())
  }
  t.equal(answers[0], answers[1])
  t.match(answers[0], /The account or the password is wrong\./)
})

t.test('a sign-in leads to pages of the demo alone', async (t) => {
  const next = page.locator('input[name=next]')
  for (const each of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    '/nowhere',
  ]) {
    await page.goto(`${demo.url}/sign-in?next=${encodeURIComponent(each)}`)
    t.equal(await next.inputValue(), '/', each)
  }
  await next.evaluate((input) => input.setAttribute('value', '/.//evil.example'))
  await fillSignIn(page, 'grace', PASSWORDS.grace)
  await page.getByText('Welcome, Grace Hopper.').waitFor()
  t.equal(page.url(), `${demo.url}/`, 'although the form said otherwise')
  await loseCookies(page)
  await page.goto(`${demo.url}/devices`)
  await fillSignIn(page, 'grace', PASSWORDS.grace)
  await page.getByRole('heading', { name: 'Your devices' }).waitFor()
  t.equal(page.url(), `${demo.url}/devices`, 'where the visitor wanted to go')
})
