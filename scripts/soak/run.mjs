import { setTimeout as sleep } from 'node:timers/promises'
import { owner } from '../../test/support/engines.mjs'
import { startBlinks } from './blinks.mjs'
import { Client } from './client.mjs'
import { Crowd } from './crowd.mjs'
import { Disturbances } from './disturbances.mjs'
import { watchIdleness } from './idleness.mjs'
import { load } from './load.mjs'
import { openPlace } from './places.mjs'
import { randomOf } from './random.mjs'
import { Site } from './site.mjs'
import { faultsOf, isBusy, leftBehind, quantile, trendsOf } from './verdict.mjs'

/** A trace lives for a minute: a short run does not wait for it. */
const TRACE_MS = 60_000

/** Runs the soak on one store. Gives everything that was measured, and the faults; none when the run is good. */
export async function soak(name, pace, seed, tell = () => {}) {
  const mine = owner()
  try {
    const { place, proxy, rows, disk } = await openPlace(name, mine)
    const site = await Site.start({ store: name, pace, place }, mine)
    return await new Run({ name, pace, seed, tell, site, proxy, disk, rows: rows ?? (() => site.ask('rows')) }).go()
  } finally {
    await mine.end()
  }
}

class Run {
  #samples = []
  #clients = []

  constructor(parts) {
    Object.assign(this, parts)
    this.random = randomOf(this.seed)
    this.disturbances = new Disturbances(this.pace.grace - this.pace.storeTimeout)
  }

  async go() {
    const { pace, site, tell } = this
    const start = await this.#atRest()
    tell(`${this.name}: load for ${pace.total / 1000} s`)
    const crowd = this.#crowd()
    const blinks = await this.#underLoad(crowd)
    const seen = await crowd.checkAll()
    const client = this.#closeClient()
    tell(`${this.name}: ${client.requests} requests, ${JSON.stringify(client.statuses)}; waiting until everything has expired`)
    const rows = await this.#drained()
    const end = await this.#restored(start)
    const said = await site.ask('said')
    const ended = await site.close()
    const { wrong, complaints, late } = crowd
    const trends = pace.judgesTrends ? trendsOf(this.#samples, pace) : []
    const { requests, statuses } = client
    const busy = isBusy(this.#samples)
    const facts = { trends, start, end, rows, requests, late, busy, wrong, complaints, said, ended, held: site.held }
    return { store: this.name, statuses, blinks, seen, ...facts, samples: this.#samples, faults: faultsOf(facts) }
  }

  #crowd() {
    const client = new Client(this.site.port, (from, to) => this.disturbances.calm(from, to))
    this.#clients.push(client)
    return new Crowd({ client, pace: this.pace, disturbances: this.disturbances, random: this.random })
  }

  #closeClient() {
    const client = this.#clients.at(-1)
    client.close()
    return client
  }

  /** What the process holds when nobody is there, once connections were opened and code was compiled. */
  async #atRest() {
    const { pace } = this
    const end = Date.now() + Math.min(5000, pace.total / 6)
    await load(this.#crowd(), pace.rate, () => end)
    this.#closeClient()
    await sleep(300)
    return await this.site.ask('sample')
  }

  async #underLoad(crowd) {
    const { pace, disturbances } = this
    const begin = Date.now()
    const blinks = startBlinks({ ...this, random: this.random })
    let going = true
    const sampling = this.#sample(begin, () => going)
    await load(crowd, pace.rate, () => begin + pace.total)
    going = false
    await Promise.all([blinks.stop(), sampling])
    // Until what was in doubt is settled.
    await sleep(pace.grace)
    if (disturbances.blinked(Date.now(), Date.now())) await sleep(pace.grace)
    return blinks.blinks
  }

  async #sample(begin, going) {
    const client = this.#clients.at(-1)
    const idleness = watchIdleness()
    let [usedBefore, requestsBefore] = [(await this.site.ask('sample')).cpu, client.requests]
    for (;;) {
      for (const next = Date.now() + this.pace.sampleEvery; going() && Date.now() < next; ) await sleep(50)
      if (!going()) return
      const at = Date.now() - begin
      const times = client.takeTimes()
      const taken = await this.disturbances.during('sample', async () => ({
        ...(await this.site.ask('sample')),
        ...{ rows: await this.rows(), disk: await this.disk?.() },
      }))
      const { requests } = client
      const rates = { idle: idleness(), cpuEach: (taken.cpu - usedBefore) / (requests - requestsBefore) }
      ;[usedBefore, requestsBefore] = [taken.cpu, requests]
      this.#samples.push({ at, requests, p50: quantile(times, 0.5), p99: quantile(times, 0.99), ...rates, ...taken })
    }
  }

  /** Waits until sessions and traces had their time, and the cleaner its turn. How many rows are left. */
  async #drained() {
    const { pace } = this
    const [kind, longest] = pace.judgesTrends ? ['all', Math.max(pace.idleTimeout, TRACE_MS)] : ['sessions', pace.idleTimeout]
    const end = Date.now() + longest + pace.cleanupInterval * 3 + 5000
    for (;;) {
      const left = (await this.rows())[kind]
      if (left === 0 || Date.now() > end) return left
      await sleep(250)
    }
  }

  /** What the process holds after everything, once connections had the time to be closed. */
  async #restored(start) {
    for (const end = Date.now() + 5000; ; await sleep(250)) {
      const sample = await this.site.ask('sample')
      if (leftBehind(start, sample).length === 0 || Date.now() > end) return sample
    }
  }
}
