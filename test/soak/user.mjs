import { ACTIONS } from './actions.mjs'
import { Device } from './device.mjs'

const MAX_DEVICES = 3

/** A user with up to three devices, who does one thing after the other and checks every reply. */
export class User {
  busy = false
  readyAt = 0
  devices = []
  #written = 0

  constructor(crowd, name) {
    Object.assign(this, { crowd, name })
  }

  /** Does something, and is not to be disturbed meanwhile. */
  async act() {
    this.busy = true
    try {
      const device = this.crowd.pick(this.devices)
      if (device === undefined || (this.devices.length < MAX_DEVICES && this.crowd.random() < 0.1)) return await this.visit()
      if (device.inDoubt) return await this.look(device)
      await this.crowd.pickWeighted(ACTIONS)(this, device)
    } finally {
      this.busy = false
    }
  }

  /** A string that nobody else writes. */
  newText() {
    return `${this.name}-${++this.#written}`
  }

  /** Comes without a cookie and gets a session. */
  async visit() {
    const visitor = this.newText()
    const reply = await this.send(undefined, 'POST', `/visit?visitor=${visitor}`)
    if (reply.status !== 200) return
    if (!reply.token) return this.complain('a new session has no cookie')
    const device = new Device(this.crowd.pace, reply.token, reply)
    device.known = { visitor }
    this.devices.push(device)
  }

  /** Reads a session, by which every doubt about it ends. */
  async look(device, path = '/read', options = {}) {
    const reply = await this.send(device, 'GET', path, options)
    if (reply.status !== 200) return this.unsure(device, reply)
    if (reply.token !== undefined) this.complain('a reading got a cookie')
    this.shown(device, reply, path === '/poll' ? 'poll' : 'read')
  }

  /** Checks what a reply shows of a session after a `save`, a `read`, or a `poll`, which does not prolong its life. Returns whether there is one. */
  shown(device, reply, how) {
    const { body } = reply
    const none = body?.visitor === undefined
    const complaint = none ? device.complaintOfNone(reply) : device.complaint(body, reply)
    if (complaint !== undefined) this.complain(complaint)
    if (none || complaint !== undefined) return this.lose(device, none)
    device.seen(body)
    if (how !== 'poll') device.used(reply, how === 'save')
    return true
  }

  /** Changes a session; `changed` returns what should be changed afterwards. Returns the reply when it was done. */
  async change(device, path, changed, doubts = []) {
    const reply = await this.send(device, 'POST', path)
    if (reply.status !== 200) {
      for (const [key, value] of doubts) device.doubt(key, value)
      return this.unsure(device, reply)
    }
    // It had expired: somebody without a session made the change.
    if (reply.body.visitor === undefined) return void this.shown(device, reply, 'read')
    const then = { ...device.known, ...changed(device.known) }
    const saved = Object.keys(then).some((key) => then[key] !== device.known[key])
    device.known = then
    return this.shown(device, reply, saved ? 'save' : 'read') ? reply : undefined
  }

  /** A reply gave a session a new token: the old one is dead. */
  moved(device, reply) {
    const { token } = device
    if (!reply.token || reply.token === token) {
      this.complain('a renewal gave no new token')
      return this.lose(device, false)
    }
    this.crowd.graves.add(token)
    device.renewed(reply.token, reply)
    return true
  }

  /** Nobody was told what became of a request. */
  unsure(device, reply) {
    device.maybeUsed(reply)
    device.inDoubt = true
    this.readyAt = Date.now() + this.crowd.pace.grace
  }

  /** A session has ended, or can no longer be told from one. */
  lose(device, ended) {
    this.devices = this.devices.filter((other) => other !== device)
    if (ended) this.crowd.graves.add(device.token)
    return false
  }

  /** A session that expires while it is being changed is one that ended: then a 409 is right. */
  send(device, method, path, options = {}) {
    if (device === undefined) return this.crowd.send(method, path, options)
    return this.crowd.send(method, path, { cookie: device.token, raced: ({ doneAt }) => device.mayExpireBy(doneAt), ...options })
  }

  complain(complaint) {
    this.crowd.complain(complaint)
  }
}
