import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { User } from './user.mjs'

const MAX_PASSERS = 2000
const MAX_COMPLAINTS = 20
const TICK_MS = 5
/** Whoever comes while so many wait is turned away. */
const MAX_AT_ONCE = 64

/** What happens how often: most look in once and leave a session behind that expires. The names are those of the methods below. */
const TRAFFIC = [
  ['passBy', 45],
  ['live', 42],
  ['comeBack', 4],
  ['tryDeadToken', 4],
  ['sendMalformed', 3],
  ['readPublicPage', 2],
]

const MALFORMED = [
  ...['', '"', '%zz', ';;=;', 'short', `"${'a'.repeat(43)}`, `${'a'.repeat(42)}!`, 'b'.repeat(44), 'x'.repeat(4000)],
  'a,session=b',
]

const MAX_GRAVES = 5000

/** Tokens of sessions that ended, in whatever way: none of them ever works again. */
class Graves {
  #tokens = []
  #next = 0
  #crowd

  constructor(crowd) {
    this.#crowd = crowd
  }

  add(token) {
    this.#tokens[this.#next] = token
    this.#next = (this.#next + 1) % MAX_GRAVES
  }

  async checkOne() {
    const token = this.#crowd.pick(this.#tokens)
    if (token !== undefined) await (this.#crowd.random() < 0.9 ? this.check(token) : this.#write(token))
  }

  async check(token) {
    const reply = await this.#crowd.send('GET', '/read', { cookie: token })
    if (reply.status !== 200) return
    if (reply.body.visitor !== undefined) this.#crowd.complain(`a session that had ended lives: ${reply.body.visitor}`)
    if (reply.token) this.#crowd.complain('a token that is dead got a cookie')
  }

  /** Who writes with it starts anew, or learns that the session was renewed. */
  async #write(token) {
    const { status, body, token: given } = await this.#crowd.send('POST', '/count', { cookie: token, raced: () => true })
    if (status !== 200) return
    if (body.visitor !== undefined || body.count !== 1) this.#crowd.complain('a session that had ended was written to')
    if (!given || given === token) this.#crowd.complain('a token that is dead was taken for a new session')
  }
}

/** Everybody who visits, and what was wrong with what they were shown. */
export class Crowd {
  /** How many things were wrong, and the first of each kind. */
  wrong = 0
  #kinds = new Map()
  /** How many requests the store kept waiting for too long while it did not blink: on a busy machine, some. */
  late = 0
  graves = new Graves(this)
  #passers = new User(this, 'passer')
  #client
  #users

  constructor({ client, pace, disturbances, random }) {
    Object.assign(this, { pace, disturbances, random })
    this.#client = client
    this.#users = Array.from({ length: pace.users }, (_, i) => new User(this, `user${i}`))
  }

  /** One of a list, or undefined of an empty one. */
  pick(list) {
    return list[Math.floor(this.random() * list.length)]
  }

  /** One of `[choice, weight]` pairs. */
  pickWeighted(pairs) {
    let left = this.random() * pairs.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [choice, weight] of pairs) {
      left -= weight
      if (left < 0) return choice
    }
    return pairs[0][0]
  }

  /** Lets so many people a second come until the moment, however long each of them takes; waits for the last. */
  async come(rate, until) {
    let [running, due, last] = [0, 0, performance.now()]
    const start = () => {
      running++
      this[this.pickWeighted(TRAFFIC)]()
        .catch((error) => this.complain(String(error.stack)))
        .finally(() => running--)
    }
    while (Date.now() < until) {
      const now = performance.now()
      due = Math.min(due + ((now - last) * rate) / 1000, rate / 10)
      last = now
      for (; due >= 1 && running < MAX_AT_ONCE; due--) start()
      await sleep(TICK_MS)
    }
    while (running > 0) await sleep(TICK_MS)
  }

  async passBy() {
    await this.#passers.visit()
    if (this.#passers.devices.length > MAX_PASSERS) this.#passers.devices.shift()
  }

  /** Their session lives on or has expired, as the time tells. */
  async comeBack() {
    const device = this.pick(this.#passers.devices)
    if (device !== undefined) await this.#passers.look(device)
  }

  async live() {
    const user = this.pick(this.#users)
    if (!user.busy && user.readyAt < Date.now()) await user.act()
  }

  async tryDeadToken() {
    await this.graves.checkOne()
  }

  async sendMalformed() {
    const cookie = `session=${this.random() < 0.3 ? this.unknownToken() : this.pick(MALFORMED)}`
    const { status, body, token } = await this.send('GET', '/read', { cookie })
    if (status === 200 && (token !== undefined || body.visitor !== undefined)) this.complain(`a cookie of nobody's was taken: ${cookie}`)
  }

  async readPublicPage() {
    const { status, token } = await this.send('GET', '/public')
    if (status === 200 && token !== undefined) this.complain('a request without a session got a cookie')
  }

  /** A token of our shape that no store knows. */
  unknownToken() {
    return randomBytes(32).toString('base64url')
  }

  /** Sends a request, and complains of a reply that must not be. `fails`: a 500 is right. `raced` says whether a 409 is. */
  async send(method, path, options = {}) {
    const reply = await this.#client.send(method, path, options)
    const { status, lost, token, body } = reply
    if (status === 200 || lost === 'hung up') return reply
    const took = reply.doneAt - reply.sentAt
    const excused = status === 503 && this.disturbances.blinked(reply.sentAt, reply.doneAt)
    const expected = excused || (status === 409 && options.raced?.(reply)) || (status === 500 && options.fails)
    const what = `${method} ${path.split('?')[0]}`
    if (!expected && status === 503 && took > this.pace.storeTimeout * 0.9) this.late++
    else if (!expected) this.complain(`${what} was answered with ${status ?? lost} ${body?.code ?? ''} after ${took} ms`)
    if (token) this.complain(`${what}: the error ${status} came with a token`)
    return reply
  }

  /** Everybody looks at all of their sessions. Returns how many these are. */
  async checkAll(atOnce = 16) {
    const left = this.#users.flatMap((user) => user.devices.map((device) => ({ user, device })))
    const seen = left.length
    const look = async () => {
      for (let one = left.pop(); one !== undefined; one = left.pop()) await one.user.look(one.device)
    }
    await Promise.all(Array.from({ length: atOnce }, look))
    return seen
  }

  complain(complaint) {
    this.wrong++
    const kind = complaint.replace(/\d+/g, '#')
    if (this.#kinds.size < MAX_COMPLAINTS && !this.#kinds.has(kind)) this.#kinds.set(kind, complaint)
  }

  get complaints() {
    return [...this.#kinds.values()]
  }
}
