import { races } from './races.mjs'

/** What users do, and how often beside the other things. */
export const WEIGHTS = [
  ['read', 20],
  ['poll', 8],
  ['write', 12],
  ['count', 14],
  ['flash', 4],
  ['pop', 4],
  ['login', 10],
  ['renew', 4],
  ['logout', 4],
  ['endOthers', 2],
  ['merge', 3],
  ['stream', 3],
  ['countAtOnce', 4],
  ['renewAmongCounts', 2],
  ['logoutAmongCounts', 1],
  ['fail', 2],
  ['hangUp', 6],
  ['sleep', 1],
]

const plusOne = ({ count = 0 }) => ({ count: count + 1 })

export const actions = {
  ...races,

  /** Sometimes with a second cookie that somebody planted. */
  read(user, device) {
    const planted = user.crowd.random() < 0.1 ? { cookie: `session=${user.crowd.strangersToken()}; session=${device.token}` } : {}
    return user.look(device, '/read', planted)
  },

  poll: (user, device) => user.look(device, '/poll'),

  write(user, device) {
    const mark = user.newText()
    return user.change(device, `/write?mark=${mark}`, () => ({ mark }), [['mark', mark]])
  },

  count: (user, device) => user.change(device, '/count', plusOne, [['count']]),

  flash(user, device) {
    const flash = user.newText()
    return user.change(device, `/flash?flash=${flash}`, () => ({ flash }), [['flash', flash]])
  },

  async pop(user, device) {
    const { flash } = device.known
    const reply = await user.change(device, '/pop', () => ({ flash: undefined }), [['flash', undefined]])
    if (reply !== undefined && reply.body.popped !== flash) user.complain(`${reply.body.popped} was popped, and ${flash} was put`)
  },

  login: (user, device) => renew(user, device, `/login?user=${user.name}`, () => ({ user: user.name })),

  renew: (user, device) => renew(user, device, '/renew', () => ({})),

  async logout(user, device) {
    const reply = await user.send(device, 'POST', '/logout')
    // The end that failed in the handler is tried again before the reply leaves: then the error comes with a cookie that is cleared.
    if (reply.status !== 200 && reply.token !== '') {
      device.mayBeGone = true
      return user.unsure(device, reply)
    }
    user.lose(device, true)
    await user.crowd.graves.check(device.token)
  },

  /** Logs out everywhere else. */
  async endOthers(user, device) {
    if (!device.isUser || !device.livesFor(1000)) return
    const others = user.devices.filter((other) => other !== device && other.isUser)
    const reply = await user.change(device, '/others', () => ({}))
    if (reply === undefined) {
      for (const other of others) other.mayBeGone = other.inDoubt = true
      return
    }
    for (const other of others) user.lose(other, true)
    for (const other of others) await user.crowd.graves.check(other.token)
  },

  /** Takes over what another session of the user holds. */
  async merge(user, device) {
    const other = user.devices.find((one) => one !== device && !one.isUser && one.livesFor(1000))
    if (other === undefined || !device.livesFor(1000)) return
    const reply = await user.send(device, 'POST', `/merge?other=${other.token}`)
    // One that took so long may have met a session that had expired.
    if (reply.status !== 200 || reply.doneAt - reply.sentAt > 900) return forget(user, device, other)
    device.tookOver(other)
    Object.assign(device.known, other.known)
    user.shown(device, reply, 'saved')
    // That it could not be ended is no reason to take a save back.
    user.lose(other, !user.crowd.disturbances.blinked(reply.sentAt, reply.doneAt))
  },

  async stream(user, device) {
    const reply = await user.send(device, 'GET', '/stream')
    if (reply.status !== 200) {
      device.doubt('count')
      return user.unsure(device, reply)
    }
    const there = reply.body?.visitor !== undefined
    if (there) Object.assign(device.known, plusOne(device.known))
    user.shown(device, reply, there ? 'saved' : 'read')
  },

  /** What a handler put before it failed is not kept. */
  async fail(user, device) {
    const reply = await user.send(device, 'POST', `/fail?mark=${user.newText()}`, { fails: true })
    device.maybeUsed(reply)
    if (reply.status === 500) await user.look(device)
    else user.unsure(device, reply)
  },

  /** Is gone before the reply comes, or before the request is whole. */
  async hangUp(user, device) {
    const { random } = user.crowd
    const mark = user.newText()
    const [path, doubt] = [
      [`/write?mark=${mark}`, ['mark', mark]],
      ['/count', ['count']],
      ['/renew', []],
      ['/stream', ['count']],
    ][Math.floor(random() * 4)]
    if (path === '/renew') device.mayBeGone = true
    const half = path.startsWith('/write') && random() < 0.5
    const reply = await user.send(device, path === '/stream' ? 'GET' : 'POST', path, { half, hangUp: random() * 8 })
    device.doubt(...doubt)
    // The reply may have been quicker: it is not looked at.
    device.mayBeGone ||= path === '/renew'
    user.unsure(device, reply)
  },

  /** Stays away until the session has expired. */
  async sleep(user) {
    user.readyAt = Date.now() + user.crowd.pace.idleTimeout * 1.1
  },
}

async function renew(user, device, path, then) {
  const reply = await user.send(device, 'POST', path)
  if (reply.status !== 200) {
    device.mayBeGone = true
    return user.unsure(device, reply)
  }
  // It had expired, and the log-in began a session of its own.
  if (reply.body.visitor === undefined) return user.shown(device, reply, 'read')
  Object.assign(device.known, then())
  const old = device.token
  if (!user.moved(device, reply)) return
  if (user.shown(device, reply, 'saved') && user.crowd.random() < 0.3) await user.crowd.graves.check(old)
}

/** Neither can be told any more: a merge that failed may have been made. */
function forget(user, ...devices) {
  for (const device of devices) user.lose(device, false)
}
