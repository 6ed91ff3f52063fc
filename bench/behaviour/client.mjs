import { setTimeout as sleep } from 'node:timers/promises'
import { DRIVER_TEXT } from './network.mjs'

const PATIENCE_MS = 3000

/** The cookie that a reply sets, as a Cookie header; undefined when it sets none or clears it. */
export function cookieOf(reply) {
  return reply.setCookie.map((line) => line.split(';')[0]).find((pair) => !pair.endsWith('='))
}

/** What a reply does to the cookie that its request carried. */
export function cookieFate(reply, cookie) {
  if (reply.setCookie.length === 0) return 'cookie kept'
  const sent = cookieOf(reply)
  if (sent === undefined) return '**cookie cleared**'
  return sent === cookie ? 'cookie sent again' : '**cookie replaced**'
}

export function textFate(reply) {
  return reply.body.includes(DRIVER_TEXT) ? "**the driver's text in the body**" : "no driver's text"
}

/** A visitor who has logged in. */
export async function loggedIn(app) {
  return cookieOf(await app.request('POST', '/login'))
}

/** What a reply says in its body; nothing when that is no JSON. */
export function said(reply) {
  try {
    return JSON.parse(reply.body)
  } catch {
    return {}
  }
}

export async function isIn(app, cookie) {
  return (said(await app.request('GET', '/me', cookie)).user ?? null) !== null
}

/** Whether a cookie that should be dead is logged in, as a cell of the table. */
export async function stillIn(app, cookie) {
  return (await isIn(app, cookie)) ? '**yes**' : 'no'
}

export async function storedValue(app, cookie, key) {
  return said(await app.request('GET', `/value/${encodeURIComponent(key)}`, cookie)).value
}

/** Begins requests, lets them go as far as their handlers, does something else meanwhile, and lets them end. */
export async function meanwhile(app, begin, act) {
  const begun = begin()
  await app.gate.filled(begun.length)
  const done = await act()
  app.gate.open()
  return { done, late: await Promise.all(begun) }
}

/** The name of a cookie, and the secret in it, without the signature that some put behind it. */
export function secretIn(cookie) {
  const [name, ...rest] = decodeURIComponent(cookie).split('=')
  const [first, signature] = rest.join('=').replace(/^s:/, '').split('.')
  const secret = name === 'Session' ? Buffer.from(first, 'base64').toString() : first
  return { name, secret, isSigned: signature !== undefined }
}

/** Whether something gives an answer in time, or none ('hang'), or throws where nobody can catch it, which ends a process ('crash'). */
export async function endOf(work) {
  let end
  const crash = () => {
    end = 'crash'
  }
  process.on('uncaughtException', crash)
  const answer = await Promise.race([work.catch(() => undefined), sleep(PATIENCE_MS)])
  // What is thrown after the reply.
  await sleep(20)
  process.off('uncaughtException', crash)
  return { end: end ?? (answer === undefined ? 'hang' : 'answer'), answer }
}
