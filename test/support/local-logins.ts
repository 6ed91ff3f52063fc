import { once } from 'node:events'
import Fastify from 'fastify'
import scsSession, { type ScsOptions } from '../../index.ts'
import { connect } from '../../lib/cli/connect.ts'
import { placeOf } from '../../lib/cli/urls.ts'
import { cookieOf } from './app.ts'

/** An application on a store that a URL names, to which one user logs in many times at once. It begins when it is told to. */
const [url = '', option = '', value = '', limit = '{}', count = '0'] = process.argv.slice(2)
const settings = { prefix: 'scs:session:', table: 'sessions', layout: 'plain' as const, cluster: false, makes: true, [option]: value }
const { store, close } = await connect(placeOf(url, {}, new Set()), settings)
const app = Fastify()
const options: ScsOptions = { store, owner: 'user', limit: JSON.parse(limit), storeTimeout: '60s' }
await app.register(scsSession, options)
app.post('/login', async ({ session }) => {
  session.renewToken()
  session.put('user', 'ann')
})
await app.ready()
await app.sessions.ping()
process.send?.('ready')
await once(process, 'message')
const replies = await Promise.all(Array.from({ length: Number(count) }, () => app.inject({ method: 'POST', url: '/login' })))
console.log(JSON.stringify(replies.map((reply) => `${reply.statusCode}${cookieOf(reply) === undefined ? '' : ' with a cookie'}`)))
process.disconnect()
await app.close()
await store.close()
await close()
