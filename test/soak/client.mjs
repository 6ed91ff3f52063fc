import { Agent, request } from 'node:http'

const COOKIE = /^session=([^;]*)/

/** Sends requests over connections that stay open, and returns what came of each. */
export class Client {
  #agent = new Agent({ keepAlive: true, maxSockets: 128 })
  #port
  #calm
  #took = []
  statuses = {}
  requests = 0

  /** `calm(from, to)`: whether nothing disturbed the application between these moments, so that the time taken counts. */
  constructor(port, calm) {
    this.#port = port
    this.#calm = calm
  }

  /**
   * `cookie` is a token, or a whole header that begins with `session=`. `hangUp`: the milliseconds after which the client is gone. `half`:
   * it sends half a body first. Returns `{ status, body, token, sentAt, doneAt }`; without a reply there is no `status`, and `lost` says why.
   */
  send(method, path, { cookie, hangUp, half = false } = {}) {
    const headers = cookie === undefined ? {} : { cookie: cookie.startsWith('session=') ? cookie : `session=${cookie}` }
    if (half) Object.assign(headers, { 'content-type': 'application/json', 'content-length': '100' })
    else if (method === 'POST') headers['content-length'] = '0'
    const sentAt = Date.now()
    const start = performance.now()
    return new Promise((resolve) => {
      const sent = request({ agent: this.#agent, host: '127.0.0.1', port: this.#port, method, path, headers })
      const timer = hangUp === undefined ? undefined : setTimeout(() => sent.destroy(new Error('hung up')), hangUp)
      const done = (outcome) => {
        clearTimeout(timer)
        resolve(this.#note({ ...outcome, sentAt, doneAt: Date.now() }, performance.now() - start))
      }
      const lose = (error) => done({ lost: hangUp === undefined ? String(error) : 'hung up' })
      sent.on('error', lose)
      sent.on('response', (reply) => read(reply).then(done, lose))
      if (half) sent.write('{"half":')
      else sent.end()
    })
  }

  #note(outcome, took) {
    const { status, lost, sentAt, doneAt } = outcome
    this.requests++
    const name = status ?? (lost === 'hung up' ? lost : 'lost')
    this.statuses[name] = (this.statuses[name] ?? 0) + 1
    if (status !== undefined && this.#calm(sentAt, doneAt)) this.#took.push(took)
    return outcome
  }

  /** The times of the undisturbed requests since this was last called, in milliseconds and in order. */
  takeTimes() {
    return this.#took.splice(0).sort((a, b) => a - b)
  }

  close() {
    this.#agent.destroy()
  }
}

async function read(reply) {
  let text = ''
  for await (const part of reply.setEncoding('utf8')) text += part
  const token = (reply.headers['set-cookie'] ?? []).map((line) => COOKIE.exec(line)?.[1]).find((value) => value !== undefined)
  return { status: reply.statusCode, token, body: parse(text) }
}

/** The JSON of a reply; of a stream of events the last one's. */
function parse(text) {
  const last = text.startsWith('data: ') ? text.slice(text.lastIndexOf('data: ') + 6) : text
  try {
    return JSON.parse(last)
  } catch {
    return undefined
  }
}
