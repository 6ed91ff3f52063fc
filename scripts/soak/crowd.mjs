import { randomBytes } from 'node:crypto'
import { Graves } from './graves.mjs'
import { pick, pickWeighted } from './random.mjs'
import { User } from './users.mjs'

const MAX_PASSERS = 2000
const MAX_COMPLAINTS = 20

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
  '',
  '"',
  '%zz',
  ';;=;',
  'short',
  `"${'a'.repeat(43)}`,
  `${'a'.repeat(42)}!`,
  'b'.repeat(44),
  'x'.repeat(4000),
  'a,session=b',
]

/** Everybody who visits, and what was wrong with what they were shown. */
export class Crowd {
  /** How many things were wrong, and the first of each kind. */
  wrong = 0
  #kinds = new Map()
  /** How many requests the store kept waiting for too long while it did not blink: on a busy machine, some. */
  late = 0
  graves
  #client
  #users
  #passers

  constructor({ client, pace, disturbances, random }) {
    Object.assign(this, { pace, disturbances, random })
    this.#client = client
    this.graves = new Graves(this)
    this.#passers = new User(this, 'passer')
    this.#users = Array.from({ length: pace.users }, (_, i) => new User(this, `user${i}`))
  }

  /** One visit of somebody. */
  act() {
    return this[pickWeighted(this.random, TRAFFIC)]()
  }

  async passBy() {
    await this.#passers.visit()
    if (this.#passers.devices.length > MAX_PASSERS) this.#passers.devices.shift()
  }

  /** Whose session lives on, or has expired, as the time tells. */
  async comeBack() {
    const device = pick(this.random, this.#passers.devices)
    if (device !== undefined) await this.#passers.look(device)
  }

  async live() {
    const user = pick(this.random, this.#users)
    if (!user.busy && user.readyAt < Date.now()) await user.act()
  }

  tryDeadToken() {
    return this.graves.checkOne()
  }

  async sendMalformed() {
    const cookie = `session=${this.random() < 0.3 ? this.strangersToken() : pick(this.random, MALFORMED)}`
    const { status, body, token } = await this.send('GET', '/read', { cookie })
    if (status === 200 && (token !== undefined || body.visitor !== undefined)) this.complain(`a cookie of nobody's was taken: ${cookie}`)
  }

  async readPublicPage() {
    const { status, token } = await this.send('GET', '/public')
    if (status === 200 && token !== undefined) this.complain('a request without a session got a cookie')
  }

  /** A token as ours look, that no store knows. */
  strangersToken() {
    return randomBytes(32).toString('base64url')
  }

  /** Sends a request; complains of a reply that is not to be. `fails`: a 500 is. `raced` says whether a 409 is. */
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

  /** Everybody looks at every session that he has. */
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
