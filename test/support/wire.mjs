import { once } from 'node:events'
import { connect } from 'node:net'

/** A connection that sends requests as bytes, one after the other, and returns each reply with its size: no client library adds headers. */
export class Wire {
  #socket
  #held = Buffer.alloc(0)
  #waiting

  constructor(socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', () => {})
    socket.on('close', () => this.#waiting?.reject(new Error('an answer was lost')))
  }

  static async open(port) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Wire(socket)
  }

  send(bytes) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(bytes)
    })
  }

  #take(chunk) {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const reply = replyIn(this.#held)
    if (reply === undefined) return
    const { resolve } = this.#waiting
    this.#waiting = undefined
    this.#held = this.#held.subarray(reply.bytes)
    resolve(reply)
  }

  close() {
    this.#waiting = undefined
    this.#socket.destroy()
  }
}

/** The bytes of a request: only the headers that HTTP asks for, and the cookie. */
export function requestBytes(method, path, cookie) {
  const length = method === 'POST' ? 'Content-Length: 0\r\n' : ''
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${length}${cookie === undefined ? '' : `Cookie: ${cookie}\r\n`}\r\n`)
}

/** The name and the value of the cookie that a reply sets. */
export function cookieIn({ head }) {
  return /^set-cookie: ([^;\r]*)/im.exec(head)?.[1]
}

function replyIn(bytes) {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const start = end + 4
  const head = bytes.latin1Slice(0, start)
  const length = /^content-length: (\d+)/im.exec(head)?.[1]
  if (length === undefined) throw new Error(`a reply without its length: ${head}`)
  const total = start + Number(length)
  if (bytes.length < total) return undefined
  return { status: Number(head.slice(9, 12)), head, body: bytes.utf8Slice(start, total), bytes: total }
}
