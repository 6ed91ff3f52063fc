/** What a user does with the session of a device, each as `(user, device)`. */

const plusOne = ({ count = 0 }) => ({ count: count + 1 })

/** Sometimes with a second cookie that somebody planted. */
function read(user, device) {
  const planted = user.crowd.random() < 0.1 ? { cookie: `session=${user.crowd.unknownToken()}; session=${device.token}` } : {}
  return user.look(device, '/read', planted)
}

const poll = (user, device) => user.look(device, '/poll')

/** Puts a new string under a key. */
const put = (key, path) => (user, device) => {
  const value = user.newText()
  return user.change(device, `${path}?${key}=${value}`, () => ({ [key]: value }), [[key, value]])
}

const count = (user, device) => user.change(device, '/count', plusOne, [['count']])

async function pop(user, device) {
  const { flash } = device.known
  const reply = await user.change(device, '/pop', () => ({ flash: undefined }), [['flash', undefined]])
  if (reply !== undefined && reply.body.popped !== flash) user.complain(`${reply.body.popped} was popped, and ${flash} was put`)
}

const login = (user, device) => renewBy(user, device, `/login?user=${user.name}`, { user: user.name })
const renew = (user, device) => renewBy(user, device, '/renew', {})

async function renewBy(user, device, path, changed) {
  const reply = await user.send(device, 'POST', path)
  if (reply.status !== 200) {
    device.mayBeGone = true
    return user.unsure(device, reply)
  }
  // It had expired, and the login began a session of its own.
  if (reply.body.visitor === undefined) return user.shown(device, reply, 'read')
  Object.assign(device.known, changed)
  const old = device.token
  if (!user.moved(device, reply)) return
  if (user.shown(device, reply, 'save') && user.crowd.random() < 0.3) await user.crowd.graves.check(old)
}

async function logout(user, device) {
  const reply = await user.send(device, 'POST', '/logout')
  // An end that failed in the handler is tried again before the reply leaves: then the error comes with a cleared cookie.
  if (reply.status !== 200 && reply.token !== '') {
    device.mayBeGone = true
    return user.unsure(device, reply)
  }
  user.lose(device, true)
  await user.crowd.graves.check(device.token)
}

/** Logs out everywhere else. */
async function endOthers(user, device) {
  if (!device.isUser || !device.livesFor(1000)) return
  const others = user.devices.filter((other) => other !== device && other.isUser)
  const reply = await user.change(device, '/others', () => ({}))
  if (reply === undefined) {
    for (const other of others) other.mayBeGone = other.inDoubt = true
    return
  }
  for (const other of others) user.lose(other, true)
  for (const other of others) await user.crowd.graves.check(other.token)
}

/** Takes over what another session of the user holds. */
async function merge(user, device) {
  const other = user.devices.find((one) => one !== device && !one.isUser && one.livesFor(1000))
  if (other === undefined || !device.livesFor(1000)) return
  const reply = await user.send(device, 'POST', `/merge?other=${other.token}`)
  // A merge that failed may have been made, and a slow one may have met a session that had expired: neither session is certain any more.
  if (reply.status !== 200 || reply.doneAt - reply.sentAt > 900) {
    for (const either of [device, other]) user.lose(either, false)
    return
  }
  device.tookOver(other)
  Object.assign(device.known, other.known)
  user.shown(device, reply, 'save')
  // That the other could not be ended is no reason to undo a save.
  user.lose(other, !user.crowd.disturbances.blinked(reply.sentAt, reply.doneAt))
}

async function stream(user, device) {
  const reply = await user.send(device, 'GET', '/stream')
  if (reply.status !== 200) {
    device.doubt('count')
    return user.unsure(device, reply)
  }
  const isThere = reply.body?.visitor !== undefined
  if (isThere) Object.assign(device.known, plusOne(device.known))
  user.shown(device, reply, isThere ? 'save' : 'read')
}

/** What a handler put before it failed is not kept. */
async function fail(user, device) {
  const reply = await user.send(device, 'POST', `/fail?mark=${user.newText()}`, { fails: true })
  device.maybeUsed(reply)
  if (reply.status === 500) await user.look(device)
  else user.unsure(device, reply)
}

/** Leaves before the reply comes, or before the request is complete. A reply that was quicker is not looked at. */
async function hangUp(user, device) {
  const { crowd } = user
  const mark = user.newText()
  const [method, path, ...doubt] = crowd.pick([
    ['POST', `/write?mark=${mark}`, 'mark', mark],
    ['POST', '/count', 'count'],
    ['POST', '/renew'],
    ['GET', '/stream', 'count'],
  ])
  device.mayBeGone ||= path === '/renew'
  const half = path.startsWith('/write') && crowd.random() < 0.5
  const reply = await user.send(device, method, path, { half, hangUp: crowd.random() * 8 })
  device.doubt(...doubt)
  user.unsure(device, reply)
}

/** Stays away until the session has expired. */
async function sleep(user) {
  user.readyAt = Date.now() + user.crowd.pace.idleTimeout * 1.1
}

const AT_ONCE = 3
const raced = () => true

async function countAtOnce(user, device) {
  if (!device.livesFor(1000)) return
  settleCounts(user, device, await Promise.all(Array.from({ length: AT_ONCE }, () => user.send(device, 'POST', '/count'))))
  if (!device.inDoubt) await user.look(device)
}

/** The request beside several counts; returns its reply, then theirs. */
function amongCounts(user, device, path) {
  const counting = Array.from({ length: AT_ONCE }, () => user.send(device, 'POST', '/count', { raced }))
  return Promise.all([user.send(device, 'POST', path), ...counting])
}

/** What was counted before the renewal is in the renewed session; later counts are refused. */
async function renewAmongCounts(user, device) {
  if (!device.livesFor(1000)) return
  const [renewal, ...replies] = await amongCounts(user, device, '/renew')
  settleCounts(user, device, replies)
  if (renewal.status !== 200) {
    device.mayBeGone = true
    return user.unsure(device, renewal)
  }
  user.moved(device, renewal)
  if (!device.inDoubt) await user.look(device)
}

/** Logout wins. */
async function logoutAmongCounts(user, device) {
  const [reply] = await amongCounts(user, device, '/logout')
  user.lose(device, reply.status === 200)
  if (reply.status === 200) await user.crowd.graves.check(device.token)
}

/** Concurrent counts: each that was answered counts once. */
function settleCounts(user, device, replies) {
  const done = replies.filter(({ status, body }) => status === 200 && body.visitor !== undefined)
  const { visitor, count = 0 } = device.known
  for (const { body } of done) if (body.visitor !== visitor) user.complain(`${visitor} was shown the session of ${body.visitor}`)
  if (done.length > 0) device.known.count = count + done.length
  for (const reply of replies.filter(({ status }) => status !== 200)) {
    device.maybeUsed(reply)
    if (reply.status === 409) continue
    device.doubt('count')
    user.unsure(device, reply)
  }
}

const BY_WEIGHT = [
  [20, read],
  [14, count],
  [12, put('mark', '/write')],
  [10, login],
  [8, poll],
  [6, hangUp],
  [4, put('flash', '/flash'), pop, renew, logout, countAtOnce],
  [3, merge, stream],
  [2, endOthers, renewAmongCounts, fail],
  [1, logoutAmongCounts, sleep],
]

/** All of them, each with how often it happens beside the others. */
export const ACTIONS = BY_WEIGHT.flatMap(([weight, ...actions]) => actions.map((action) => [action, weight]))
