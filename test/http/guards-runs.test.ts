import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import type { ScsOptions } from '../../index.ts'
import { makeApp, setCookies, settled, watchCrashes } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'
import { holdNext, latch } from './steps.ts'

// Fastify runs onSend again while a save is under way. Each step of these stories is told when to happen.

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

/** An application whose save is held until the story lets it go, and the reply to its only request. */
async function begin(t: Test, handler: Handler, options: ScsOptions = {}, onError?: (reply: FastifyReply) => unknown) {
  const crashes = watchCrashes(t)
  const store = new SpyStore('async')
  const save = holdNext(store, 'create')
  const { app } = await makeApp({ store, ...options }, (app) => {
    if (onError !== undefined) app.setErrorHandler((_error, _request, reply) => onError(reply))
    app.get('/', async (request, reply) => {
      request.session.put('user', 'ann')
      return await handler(request, reply)
    })
  })
  t.teardown(() => app.close())
  return { store, save, crashes, reply: app.inject('/') }
}

/** Lets both runs reach the save, and then the save go on. */
async function finish({ save, reply, crashes }: Awaited<ReturnType<typeof begin>>, t: Test) {
  await save.reached
  await settled()
  save.release()
  const answer = await reply
  await settled()
  t.strictSame(crashes, [])
  return answer
}

t.test('of two replies to one error the first goes out, with its own status and headers and our cookie', async (t) => {
  const run = await begin(
    t,
    () => {
      throw Object.assign(new Error('mine'), { statusCode: 400 })
    },
    {},
    async (reply) => {
      reply.code(403).header('x-first', 'yes').header('x-number', 1).send('first')
      reply.code(418).header('x-first', 'no').header('x-second', 'yes').removeHeader('x-number')
      return 'second'
    },
  )
  const reply = await finish(run, t)
  t.match(reply, { statusCode: 403, body: 'first', headers: { 'x-first': 'yes', 'x-number': '1', vary: 'Cookie' } })
  t.notOk('x-second' in reply.headers)
  t.equal(setCookies(reply).length, 1)
  t.match(reply.headers['cache-control'], /no-cache="Set-Cookie"/)
})

t.test('the stream of a second run is closed, for nobody reads it', async (t) => {
  const second = Readable.from(['never read'])
  const run = await begin(t, (_request, reply) => {
    reply.send('first')
    return second
  })
  t.match(await finish(run, t), { statusCode: 200, body: 'first' })
  t.ok(second.destroyed)
})

t.test('a handler that sends a stream and returns it as well is answered with it', async (t) => {
  const body = Readable.from(['body'])
  const run = await begin(t, (_request, reply) => {
    reply.send(body)
    return body
  })
  t.match(await finish(run, t), { statusCode: 200, body: 'body' })
})

t.test('an error that is answered with the stream of the reply that it takes over is answered with it', async (t) => {
  const body = Readable.from(['body'])
  const handler: Handler = async (_request, reply) => {
    reply.send(body)
    throw new Error('after it sent')
  }
  const run = await begin(t, handler, {}, (reply) => void reply.code(400).send(body))
  t.match(await finish(run, t), { statusCode: 400, body: 'body' })
})

t.test('a stream that fails while the save is under way is an error reply, and ends no process', async (t) => {
  const body = new Readable({ read() {} })
  const run = await begin(t, () => body)
  await run.save.reached
  body.destroy(new Error('the source is gone'))
  t.match((await finish(run, t)).json(), { statusCode: 500, message: 'the source is gone' })
})

t.test('an error that is thrown while errorReply works gets a reply of its own', async (t) => {
  const late = latch()
  const both = latch()
  let calls = 0
  const errorReply = async () => {
    const call = ++calls
    if (call === 2) both.open()
    else late.open()
    await both.opened
    if (call === 2) await settled()
    return { call }
  }
  const handler: Handler = async (_request, reply) => {
    reply.send('body')
    await late.opened
    throw new Error('late')
  }
  const run = await begin(t, handler, { errorReply })
  run.store.fail('create', 'before')
  const reply = await finish(run, t)
  t.match(reply, { statusCode: 503 })
  t.strictSame(reply.json(), { call: 2 })
})

t.test('an async handler that sends and returns nothing is answered with what it sent', async (t) => {
  const run = await begin(t, (_request, reply) => void reply.send('body'))
  const reply = await finish(run, t)
  t.match(reply, { statusCode: 200, body: 'body' })
  t.equal(setCookies(reply).length, 1)
})

t.test('an error that a client made, thrown while the save is under way, saves nothing a second time', async (t) => {
  const run = await begin(t, (_request, reply) => {
    reply.send('body')
    throw Object.assign(new Error('mine'), { statusCode: 400 })
  })
  const reply = await finish(run, t)
  t.match(reply.json(), { statusCode: 400, message: 'mine' })
  t.equal(setCookies(reply).length, 1)
  t.strictSame(run.store.take(), ['create'])
})
