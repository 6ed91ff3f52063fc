import t from 'tap'
import { Type } from 'typebox'
import { makeApp } from '../support/app.ts'

const KEEP = 'The session cannot keep the value at'
const VIEW = 'a library that needs it gets propertyView(request.session)'
const INSTANCE = 'it is an instance of a class, and only plain data comes back as it was: put a plain object'
const LOST = 'cannot be assigned, it would be lost. Call'
const READONLY = 'belongs to a session and cannot be changed in place. Put a new one with session.put() or session.update().'

/** What somebody writes in a handler, in sloppy code, and the whole message that they get. */
const MISTAKES: Readonly<Record<string, string>> = {
  // Habits of other session libraries.
  'session.save()': `session.save() does not exist: a session is saved when the reply leaves, or by await session.commit(); ${VIEW}.`,
  'session.touch()':
    'session.touch() does not exist: every request prolongs the idle timeout; for another deadline call session.setDeadline(date).',
  'session.delete()': 'session.delete() does not exist: await session.destroy() ends the session, session.remove(key) removes a value.',
  "session.has('cart')": 'session.has() does not exist: call session.exists(key).',
  "session.flash('saved')":
    'session.flash() does not exist: put the message, and call session.pop(key) where it is shown, or register @fastify/flash.',
  'session.cookie.maxAge = 60000': `session.cookie does not exist: session.options(attributes) changes the cookie of this reply, session.setDeadline(date) when it ends; ${VIEW}.`,
  'session.cookie = {}': `session.cookie ${LOST} session.options(attributes) or session.setDeadline(date).`,
  'session.views = 1': `session.views ${LOST} session.put('views', value).`,
  'session.views = (session.views || 0) + 1': `session.views ${LOST} session.put('views', value).`,
  'session.constructor = 1': `session.constructor ${LOST} session.put('constructor', value).`,
  "session.id = 'mine'": `session.id ${LOST} session.renewToken().`,
  'session.deadline = new Date()': `session.deadline ${LOST} session.setDeadline(date).`,
  'return session.userId': "session.userId is not how a value is read: call session.get('userId').",
  'request.session = null': `request.session ${LOST} await request.session.destroy() to end it.`,
  'session.destroy(() => {})': 'session.destroy() takes no callback: write await session.destroy().',
  'session.reload(() => {})': 'session.reload() takes no callback: write await session.reload().',
  'session.regenerate(() => {})': 'session.regenerate() takes no callback: write await session.regenerate().',
  "session.regenerate('userId')": 'regenerate(keep) needs an array of keys.',
  'session.options({ maxAge: 60 })': 'options({ maxAge }) follows from the deadline: use setDeadline().',
  // Values.
  "session.put('user', Promise.resolve(1))": `${KEEP} user: it is a Promise: put what it resolves to, with await.`,
  "session.put('cart', Promise.resolve(1))":
    'The session schema refuses the value at cart: it is a Promise: put what it resolves to, with await.',
  "session.update('user', async () => { throw new Error('unseen') })":
    'update(key, fn) needs a function that returns the value, not a promise: await first, and update then.',
  "session.update('cart', 2)": 'update(key, fn) needs a function (value) => value.',
  "session.put('a', undefined)": `${KEEP} a: it is missing; session.remove(key) removes a value.`,
  "session.put('a', Buffer.from('x'))": `${KEEP} a: it is an instance of a class, Buffer: put new Uint8Array(buffer).`,
  "session.put('a', { at: new (class User {})() })": `${KEEP} a.at: ${INSTANCE}.`,
  "session.put('a', NaN)": `${KEEP} a: it is NaN, and a number must be finite.`,
  "session.put('a', { f: () => 1 })": `${KEEP} a.f: it is a function, and no data.`,
  "const a = {}; a.a = a; session.put('a', a)": `${KEEP} a.a: it contains itself, so it has no end.`,
  "session.put('a', { [Symbol('s')]: 1 })": `${KEEP} a: it has holes, hidden properties or symbols for keys.`,
  "session.put('__a', 1)": 'The session key "__a" is reserved, as is every key with two leading underscores.',
  "session.put('b', 1)": 'The session key "b" is not in the schema: add it there, or set additionalProperties.',
  'session.put(undefined, 1)': 'The session key (none) is not a string.',
  'session.put({ a: 1 })': 'The session key (object) is not a string.',
  "session.get('map').set(1, 2)": `This Map ${READONLY}`,
  "session.get('set').add(1)": `This Set ${READONLY}`,
  "session.get('date').setTime(0)": `This Date ${READONLY}`,
  "session.setDeadline('tomorrow')": 'setDeadline(date) needs a valid Date, up to the year 9999.',
  "session.rememberMe('yes')": 'rememberMe(remember) needs true or false.',
  'session.renewToken({ reauthenticate: false })':
    'renewToken(options) has no option reauthenticate; there is keepDeadline, reauthenticated.',
  "session.renewToken({ reauthenticated: 'false' })": 'renewToken(options) needs true or false as reauthenticated.',
  'session.renewToken(null)': 'renewToken(options) needs an object.',
  // The manager.
  'return app.sessions.destroyOwnedBy(undefined)': 'The owner must be a string, a number or a bigint.',
  "return (await app.sessions.ownedBy('ann')).length": 'app.sessions.ownedBy(owner) is no array: read it with for await (const each of …).',
  'return [...app.sessions.all()]': 'app.sessions.all() is no array: read it with for await (const each of …).',
  "return app.sessions.destroyOwnedBy('ann', { except: {} })":
    'destroyOwnedBy(owner, { except }) needs a session of this manager that can be used.',
  "return app.sessions.destroyOwnedBy('ann', { expect: session })": 'destroyOwnedBy(owner, options) has no option expect; there is except.',
  "return app.sessions.destroyOwnedBy('ann', session)": 'destroyOwnedBy(owner, options) takes the session as { except: session }.',
  "return app.sessions.ownedBy('ann', { currently: session })": 'ownedBy(owner, options) has no option currently; there is current.',
  "return app.sessions.destroy(session.id, { owner: session.get('nobody') })": 'The owner must be a string, a number or a bigint.',
  "return app.sessions.destroy(session.id, { onwer: 'bob' })": 'destroy(id, options) has no option onwer; there is owner.',
  'return app.sessions.find()': 'find(token) needs a token.',
  'return app.sessions.create()': 'create(values) needs an object.',
}

const any = Type.Unknown()
const schema = Type.Object({
  ...{ method: any, pipe: any, length: any },
  ...{ userId: Type.String(), cart: Type.Array(Type.Number()) },
  ...{ a: any, n: any, user: any, map: any, set: any, date: any },
})

/** An application whose handler runs a line of sloppy code, and how to run one with a session that holds something. */
async function sloppy() {
  let code = ''
  const { app, warnings } = await makeApp({ owner: 'userId', schema }, (app) => {
    app.get('/', (request) => {
      const run = new Function('session', 'request', 'app', `return (async () => { ${code} })()`)
      return run(request.session, request, app)
    })
  })
  const values = { userId: 'ann', cart: [1], map: new Map(), set: new Set(), date: new Date(0), n: 1 }
  const { cookie, token } = await app.sessions.create(values)
  const run = async (line: string) => {
    code = line
    return await app.inject({ url: '/', cookies: cookie })
  }
  return { app, token, run, told: () => warnings().map(({ msg }) => msg) }
}

t.test('each mistake is told with a sentence that says what to do', async (t) => {
  const { app, token, run } = await sloppy()
  for (const [line, message] of Object.entries(MISTAKES)) {
    const reply = await run(line)
    t.equal(reply.statusCode, 500, line)
    const told = reply.statusCode === 500 ? reply.json() : {}
    t.equal(told.message, message, line)
    t.match(told.code, /^FST_ERR_SCS_/, line)
    t.notMatch(message, 'undefined')
  }
  t.strictSame((await app.sessions.find(token))?.get('cart'), [1], 'nothing was changed')
})

t.test('what other libraries look for is not there, and an await of a session is none of a value', async (t) => {
  const { run } = await sloppy()
  t.equal(
    (await run('return String(session.nothing) + typeof session.save + typeof session.then + session')).body,
    'undefinedfunctionundefined[object Object]',
  )
  t.equal((await run('return String(Object.getPrototypeOf(session).nothing)')).body, 'undefined')
})

t.test('what V8 says of a frozen value is followed by a line in the log', async (t) => {
  const { run, told } = await sloppy()
  t.equal((await run("session.get('cart').push(2)")).statusCode, 500)
  const line = 'a frozen value was changed in place: where session.get(key) returned it, call session.update(key, (value) => newValue)'
  t.strictSame(
    told().filter((msg) => msg.includes('frozen')),
    [line],
  )
  await run("throw new TypeError('another')")
  t.equal(told().filter((msg) => msg.includes('frozen')).length, 1)
})

t.test('find() that gets a Cookie header says so in the log', async (t) => {
  const { app, token, told } = await sloppy()
  t.equal(await app.sessions.find(`session=${token}`), undefined)
  t.equal(await app.sessions.find('no token'), undefined)
  t.strictSame(told(), ['find(token) got a whole Cookie header: give it the value of session alone'])
})

t.test('what loggers and Fastify ask of any object is never taken for a value', async (t) => {
  const { run } = await sloppy()
  for (const name of ['method', 'pipe', 'length']) await run(`session.put('${name}', 1)`)
  const reply = await run('request.log.warn(session); session.length; return session')
  t.equal(reply.statusCode, 200)
  t.match(reply.json(), { status: 'unmodified' })
})
