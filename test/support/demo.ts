import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FastifyInstance } from 'fastify'
import type { Page } from 'playwright-core'
import { type FakeClock, fakeClock } from './clock.ts'
import { root } from './readme.ts'
import type { Scope } from './servers/process.ts'

type Prepare = (app: FastifyInstance) => unknown
type BuildDemo = (options: { path: string; clock: FakeClock; prepare?: Prepare }) => Promise<FastifyInstance>

const { buildDemo }: { buildDemo: BuildDemo } = await import(pathToFileURL(join(root, 'examples/demo/app.mjs')).href)

/** The demo, served to a browser. */
export interface Demo {
  readonly url: string
  /** The server's clock, which stands still until a test moves it. */
  readonly clock: FakeClock
  readonly app: FastifyInstance
  /** Ends the server, and starts another with the same sessions on the same port. */
  restart(): Promise<void>
}

/** Serves the demo from this process until the test ends. `prepare` is called before anything is registered. */
export async function serveDemo(scope: Scope, prepare: Prepare = () => {}): Promise<Demo> {
  const path = mkdtempSync(join(tmpdir(), 'scs-demo-'))
  const clock = fakeClock()
  const start = async (port: number) => {
    // Browsers keep connections open, which a server that closes would wait for.
    const app = await buildDemo({ path, clock, prepare })
    await app.listen({ port, host: 'localhost' })
    return app
  }
  const stop = async () => {
    app.server.closeAllConnections()
    await app.close()
  }
  let app = await start(0)
  const { port } = app.server.address() as AddressInfo
  scope.teardown(async () => {
    await stop()
    rmSync(path, { recursive: true, force: true })
  })
  return {
    url: `http://localhost:${port}`,
    clock,
    get app() {
      return app
    },
    async restart() {
      await stop()
      app = await start(port)
    },
  }
}

export const PASSWORDS = { ada: 'tea at four', grace: 'tea at five', olga: 'tea at six' }
export const NAMES = { ada: 'Ada Lovelace', grace: 'Grace Hopper', olga: 'Olga Ladyzhenskaya' }
export type Account = keyof typeof PASSWORDS

/** Fills in the form for a sign-in, on the page that has it. */
export async function fillSignIn(page: Page, account: string, password: string): Promise<void> {
  await page.getByLabel('Account', { exact: true }).fill(account)
  await page.getByLabel('Password').fill(password)
  await page.locator('main').getByRole('button', { name: 'Sign in' }).click()
}

/** Signs in, as a person would, and waits for the page that follows. */
export async function signIn(page: Page, { url }: Pick<Demo, 'url'>, account: Account): Promise<void> {
  await page.goto(`${url}/sign-in`)
  await fillSignIn(page, account, PASSWORDS[account])
  await page.getByText(`Welcome, ${NAMES[account]}.`).waitFor()
}

/** The browser loses its cookies: what was signed in there stays so on the server, like a device that was lost. */
export const loseCookies = (page: Page): Promise<void> => page.context().clearCookies()

/** The big heading, which says on which page one is. */
export const headingOf = async (page: Page): Promise<string> => (await page.getByRole('heading', { level: 1 }).textContent()) ?? ''

/** The messages of the last request. */
export const notesOf = (page: Page): Promise<string[]> => page.locator('.note').allTextContents()
