import t from 'tap'
import { openPage } from '../support/browser.ts'
import { fillSignIn, headingOf, loseCookies, notesOf, PASSWORDS, serveDemo, signIn } from '../support/demo.ts'
import { BROWSER_LIMIT } from '../support/limit.ts'

t.setTimeout(BROWSER_LIMIT)

const demo = await serveDemo(t)
const page = await openPage(t, { keepsPages: true })

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

t.test('a form from before the sign-in no longer works: whoever planted the session could know its token', async (t) => {
  const [tab, old] = [await page.context().newPage(), await page.context().newPage()]
  await loseCookies(page)
  await old.goto(demo.url)
  await signIn(tab, demo, 'ada')
  await old.getByRole('button', { name: 'Add Assam to the cart' }).click()
  t.equal(await headingOf(old), 'This form is too old')
  await old.getByRole('link', { name: 'Go on' }).click()
  await old.getByRole('button', { name: 'Add Rooibos to the cart' }).click()
  t.same(await notesOf(old), ['Rooibos is in your cart.'])
  await page.reload()
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
  const token = await tokenOf()
  await page.getByRole('button', { name: 'Sign out' }).click()
  t.same(await notesOf(page), ['You are signed out.'])
  await page.goBack()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.notMatch(await page.locator('body').textContent(), privateData)
  t.equal(await demo.app.sessions.find(token), undefined, 'the old cookie is of no use to anybody')
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

t.test('a second click signs in once', async (t) => {
  await loseCookies(page)
  await page.goto(`${demo.url}/sign-in`)
  await page.getByLabel('Account', { exact: true }).fill('ada')
  await page.getByLabel('Password').fill(PASSWORDS.ada)
  const sent: string[] = []
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()))
  await page.locator('main').getByRole('button', { name: 'Sign in' }).dblclick({ delay: 20 })
  await page.getByText('Welcome, Ada Lovelace.').waitFor()
  t.same(sent, [`${demo.url}/sign-in`])
})

t.test('a browser that missed the reply with its new cookie can sign in again', async (t) => {
  await loseCookies(page)
  await page.goto(`${demo.url}/sign-in`)
  const value = await tokenOf()
  await fillSignIn(page, 'ada', PASSWORDS.ada)
  await page.getByText('Welcome, Ada Lovelace.').waitFor()
  await page.context().addCookies([{ name: 'session', value, url: demo.url }])
  await page.goto(`${demo.url}/devices`)
  t.equal(await headingOf(page), 'Sign in')
  await fillSignIn(page, 'ada', PASSWORDS.ada)
  await page.getByText('Welcome, Ada Lovelace.').waitFor()
})
