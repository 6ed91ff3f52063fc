import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { cookieOf } from '../support/app.ts'
import { recipes } from '../support/recipes.ts'

const load = recipes('recipes/devices')
const { app } = await load<{ app: FastifyInstance }>('devices.ts')

/** No two in one millisecond: then the oldest is none of them. */
const login = async (userAgent: string) => {
  await setTimeout(2)
  const reply = await app.inject({ method: 'POST', url: '/login', headers: { 'user-agent': userAgent } })
  return { session: cookieOf(reply) ?? '' }
}

t.test('devices.md: a person sees their devices, ends one and all others, and a fourth ends the oldest', async (t) => {
  const [first, second, third] = [await login('Firefox'), await login('Safari'), await login('Opera')]
  const list = async (cookies: { session: string }) => (await app.inject({ url: '/devices', cookies })).json()
  const devices = await list(second)
  t.equal(devices.length, 3)
  const mine = devices.filter((device: { isCurrent: boolean }) => device.isCurrent)
  t.match(mine, [{ userAgent: 'Safari', address: '127.0.0.1', createdAt: Number, authenticatedAt: Number, lastSeenAt: Number }])
  const { id } = devices.find((device: { userAgent: string }) => device.userAgent === 'Firefox')
  const end = async (url: string) => (await app.inject({ method: 'DELETE', url, cookies: second })).json()
  t.same(await end(`/devices/${id}`), { ended: true })
  t.same(await end(`/devices/${id}`), { ended: false })
  t.same(await end('/devices'), { ended: 1 })
  t.same((await list(second)).length, 1)
  for (const [cookies, status] of [
    [first, 401],
    [third, 401],
    [second, 200],
  ] as const)
    t.equal((await app.inject({ method: 'PUT', url: '/password', cookies })).statusCode, status)
  for (const name of ['a', 'b', 'c']) await login(name)
  const now = await list(await login('d'))
  t.same(now.map((device: { userAgent: string }) => device.userAgent).sort(), ['b', 'c', 'd'])
})
