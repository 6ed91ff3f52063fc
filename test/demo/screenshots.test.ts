import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { openPage, openPrivate } from '../support/browser.ts'
import { serveDemo, signIn } from '../support/demo.ts'
import { BROWSER_LIMIT } from '../support/limit.ts'
import { root } from '../support/readme.ts'

t.setTimeout(BROWSER_LIMIT)

const MINUTE = 60_000
const isAsked = process.env['SCREENSHOTS'] === '1'
const folder = isAsked ? join(root, 'docs/images') : mkdtempSync(join(tmpdir(), 'scs-images-'))
if (isAsked) mkdirSync(folder, { recursive: true })
else t.teardown(() => rmSync(folder, { recursive: true, force: true }))

const AGENTS = {
  laptop: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  phone: 'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile Safari/604.1',
  tablet: 'Mozilla/5.0 (iPad; CPU OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/604.1',
}

const demo = await serveDemo(t)
// 13:30 in the afternoon.
demo.clock.advance(13.5 * 60 * MINUTE)
const sharp = { deviceScaleFactor: 1.5, reducedMotion: 'reduce' } as const
const laptop = await openPage(t, { userAgent: AGENTS.laptop, ...sharp })
const phone = await openPrivate(laptop, { userAgent: AGENTS.phone, ...sharp })
const tablet = await openPrivate(laptop, { userAgent: AGENTS.tablet, ...sharp })

t.test('the images of the README and of docs/demo.md show the pages as they are, in less than 100 KB each', async (t) => {
  const take = async (page: Page, name: string, colorScheme: 'light' | 'dark', [width, height]: readonly [number, number]) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height })
    const path = join(folder, `${name}.png`)
    await page.screenshot({ path })
    t.ok(statSync(path).size < 100_000, `${name}: ${statSync(path).size} bytes`)
  }
  await phone.clock.install({ time: demo.clock() })
  await signIn(phone, demo, 'ada')
  demo.clock.advance(2 * MINUTE)
  await signIn(tablet, demo, 'ada')
  demo.clock.advance(4 * MINUTE)
  await phone.getByRole('button', { name: 'Add Assam to the cart' }).click()
  await laptop.goto(`${demo.url}/sign-in`)
  await laptop.getByLabel('Keep me signed in on this device').check()
  await signIn(laptop, demo, 'ada')
  await laptop.goto(`${demo.url}/devices`)
  await take(laptop, 'demo-devices', 'light', [860, 560])
  await phone.goto(`${demo.url}/cart`)
  demo.clock.advance(13.2 * MINUTE)
  await phone.clock.runFor(13.2 * MINUTE)
  await phone.getByRole('region').waitFor()
  await take(phone, 'demo-phone', 'dark', [390, 640])
  await laptop.getByRole('button', { name: 'Sign out all other devices' }).click()
  demo.clock.advance(20_000)
  await signIn(tablet, demo, 'olga')
  await tablet.goto(`${demo.url}/operators`)
  await take(tablet, 'demo-operators', 'dark', [860, 560])
})
