import t from 'tap'
import { openPage, openPrivate } from '../support/browser.ts'
import { headingOf, serveDemo, signIn } from '../support/demo.ts'
import { BROWSER_LIMIT } from '../support/limit.ts'

t.setTimeout(BROWSER_LIMIT)

const demo = await serveDemo(t)
const operator = await openPage(t)
const customer = await openPrivate(operator)
await operator.clock.install()

t.test('operators see counts and the last events, which keep up by themselves; a customer does not', async (t) => {
  await signIn(operator, demo, 'olga')
  await operator.getByRole('link', { name: 'Operators' }).click()
  const counts = () => operator.locator('dd').allTextContents()
  t.same(await counts(), ['1', '1', '1', '0', '0'])
  await signIn(customer, demo, 'ada')
  t.equal(await customer.getByRole('link', { name: 'Operators' }).count(), 0)
  t.equal((await customer.goto(`${demo.url}/operators`))?.status(), 403)
  t.equal(await headingOf(customer), 'For operators')

  await operator.clock.runFor(5000)
  await operator.locator('tbody').getByText('ada').first().waitFor()
  t.same(await counts(), ['2', '2', '2', '0', '0'])

  await customer.goto(`${demo.url}/devices`)
  await customer.getByRole('button', { name: 'Sign out' }).click()
  await customer.getByText('You are signed out.').waitFor()
  await operator.clock.runFor(5000)
  await operator.getByText('ended: destroyed').waitFor()
  t.same(await counts(), ['2', '3', '2', '1', '0'], 'the message starts a session')
})

t.test('the page for operators has no token of anybody', async (t) => {
  const page = await operator.content()
  const cookies = [...(await operator.context().cookies()), ...(await customer.context().cookies())]
  t.equal(cookies.length, 2)
  for (const { value } of cookies) t.notOk(page.includes(value))
})

t.test('the counts end when the operator is signed out, and keep nobody signed in', async (t) => {
  for (let minute = 0; minute < 16; minute++) {
    demo.clock.advance(60_000)
    await operator.clock.runFor(10_000)
  }
  await operator.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.equal(await operator.getByText('Last events').count(), 0)
})
