const MOST = 5000

/** Tokens of sessions that ended, in whatever way: none of them works ever again. */
export class Graves {
  #tokens = []
  #next = 0
  #crowd

  constructor(crowd) {
    this.#crowd = crowd
  }

  add(token) {
    this.#tokens[this.#next] = token
    this.#next = (this.#next + 1) % MOST
  }

  async checkOne() {
    const token = this.#tokens[Math.floor(this.#crowd.random() * this.#tokens.length)]
    if (token !== undefined) await (this.#crowd.random() < 0.9 ? this.check(token) : this.#write(token))
  }

  async check(token) {
    const reply = await this.#crowd.send('GET', '/read', { cookie: token })
    if (reply.status !== 200) return
    if (reply.body.visitor !== undefined) this.#crowd.complain(`a session that had ended lives: ${reply.body.visitor}`)
    if (reply.token) this.#crowd.complain('a token that is dead got a cookie')
  }

  /** Who writes with it starts anew, or is told that his session was renewed. */
  async #write(token) {
    const { status, body, token: given } = await this.#crowd.send('POST', '/count', { cookie: token, raced: () => true })
    if (status !== 200) return
    if (body.visitor !== undefined || body.count !== 1) this.#crowd.complain('a session that had ended was written to')
    if (!given || given === token) this.#crowd.complain('a token that is dead was taken for a new session')
  }
}
