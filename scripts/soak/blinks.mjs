import { setTimeout as sleep } from 'node:timers/promises'

const KINDS = ['refused', 'cut', 'hung', 'stalled']
const WAITS = new Set(['hung', 'stalled'])

/** What a proxy before a server does for so many milliseconds. */
const behindProxy = {
  async refused(proxy, ms) {
    proxy.refusing = true
    proxy.reset()
    await sleep(ms)
    proxy.refusing = false
  },
  /** In the middle of replies, again and again. */
  async cut(proxy, ms, random) {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) proxy.replyBytes = Math.floor(random() * 400)
    proxy.replyBytes = Number.POSITIVE_INFINITY
  },
  /** What was held back is lost, so the connections are. */
  async hung(proxy, ms) {
    proxy.silent = true
    await sleep(ms)
    proxy.silent = false
    proxy.reset()
  },
  /** Nothing is lost, and everything late. */
  async stalled(proxy, ms) {
    proxy.pause()
    await sleep(ms)
    proxy.resume()
  },
}

/** Lets the store blink from time to time, each way in turn, until it is stopped. `blinks` counts them. */
export function startBlinks({ pace, site, proxy, disturbances, random }) {
  const blinks = {}
  let going = true
  const once = (kind) => {
    const ms = WAITS.has(kind) ? pace.waitFor : pace.blinkFor
    return proxy === undefined ? site.ask('blink', { kind, ms }) : behindProxy[kind](proxy, ms, random)
  }
  const run = async () => {
    for (let turn = Math.floor(random() * KINDS.length); ; turn++) {
      for (const end = Date.now() + pace.blinkEvery; going && Date.now() < end; ) await sleep(50)
      if (!going) return
      const kind = KINDS[turn % KINDS.length]
      blinks[kind] = (blinks[kind] ?? 0) + 1
      await disturbances.during('blink', () => once(kind))
    }
  }
  const running = run()
  return {
    blinks,
    async stop() {
      going = false
      await running
    },
  }
}
