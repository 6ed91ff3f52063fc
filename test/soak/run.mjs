import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomOf } from '../../build/test/support/random.js'
import { owner } from '../support/engines.mjs'
import { Disturbances, startBlinks } from './blinks.mjs'
import { Client } from './client.mjs'
import { Crowd } from './crowd.mjs'
import { Site } from './site.mjs'
import { preparePlace } from './stores.mjs'
import { faultsOf, isBusy, leftBehind, quantile, trendsOf } from './verdict.mjs'

const between = (least, value, most) => Math.round(Math.min(most, Math.max(least, value)))

/** Shorter runs say nothing about trends: sessions have only begun to expire. */
const SHORTEST_TREND_MS = 120_000

/**
 * How fast everything goes in a run of so many minutes. From five minutes on the times are the same, so that an hour differs from five
 * minutes in length alone: what was created in the first quarter has expired before the second ends.
 */
export function paceOf(minutes, rate) {
  const total = Math.round(minutes * 60_000)
  const idleTimeout = between(1500, total / 5, 60_000)
  const storeTimeout = between(400, total / 100, 1500)
  return {
    ...{ total, rate, idleTimeout, storeTimeout },
    lifetime: idleTimeout * 2.5,
    touchInterval: idleTimeout / 10,
    cleanupInterval: between(200, idleTimeout / 10, 5000),
    sampleEvery: between(500, total / 60, 5000),
    blinkEvery: between(1200, total / 15, 20_000),
    /** A blink in which calls fail. One in which they wait is longer than they may wait. */
    blinkFor: between(250, total / 300, 1000),
    waitFor: storeTimeout + between(150, total / 600, 500),
    /** How long what failed may still be carried out, and a driver may need to connect again. */
    grace: storeTimeout * 2 + between(500, total / 200, 1500),
    users: between(100, total / 150, 2000),
    judgesTrends: total >= SHORTEST_TREND_MS,
  }
}

/** A renewal record lives for a minute: a short run does not wait for it. */
const RENEWAL_RECORD_MS = 60_000

/** Runs the soak on one store. Returns everything that was measured, and the faults; none when the run is good. */
export async function soak(name, pace, seed, tell) {
  const mine = owner()
  try {
    const { place, proxy, rows, disk } = await preparePlace(name, mine)
    const site = await Site.start({ store: name, pace, place }, mine)
    return await new Run({ name, pace, tell, site, proxy, disk, random: randomOf(seed), rows: rows ?? (() => site.ask('rows')) }).go()
  } finally {
    await mine.end()
  }
}

class Run {
  #samples = []
  #client

  constructor(parts) {
    Object.assign(this, parts)
    this.disturbances = new Disturbances(this.pace.grace - this.pace.storeTimeout)
  }

  async go() {
    const { name, pace, site, tell } = this
    const start = await this.#atRest()
    tell(`${name}: load for ${pace.total / 1000} s`)
    const crowd = this.#crowd()
    const blinks = await this.#underLoad(crowd)
    const seen = await crowd.checkAll()
    const { requests, statuses } = this.#client
    this.#client.close()
    tell(`${name}: ${requests} requests, ${JSON.stringify(statuses)}; waiting until everything has expired`)
    const rows = await this.#drained()
    const end = await this.#restored(start)
    const said = await site.ask('said')
    const ended = await site.close()
    const { wrong, complaints, late } = crowd
    const trends = pace.judgesTrends ? trendsOf(this.#samples, pace) : []
    const busy = isBusy(this.#samples)
    const facts = { trends, start, end, rows, requests, late, busy, wrong, complaints, said, ended, held: site.held }
    return { store: name, statuses, blinks, seen, ...facts, samples: this.#samples, faults: faultsOf(facts) }
  }

  #crowd() {
    this.#client = new Client(this.site.port, (from, to) => this.disturbances.calm(from, to))
    return new Crowd({ ...this, client: this.#client })
  }

  /** What the process holds when nobody is there, once connections were opened and code was compiled. */
  async #atRest() {
    const { pace } = this
    await this.#crowd().come(pace.rate, Date.now() + Math.min(5000, pace.total / 6))
    this.#client.close()
    await sleep(300)
    return await this.site.ask('sample')
  }

  async #underLoad(crowd) {
    const { pace, disturbances } = this
    const begin = Date.now()
    const blinks = startBlinks(this)
    let going = true
    const sampling = this.#sample(begin, () => going)
    await crowd.come(pace.rate, begin + pace.total)
    going = false
    await Promise.all([blinks.stop(), sampling])
    // Until what was in doubt is settled.
    await sleep(pace.grace)
    if (disturbances.blinked(Date.now(), Date.now())) await sleep(pace.grace)
    return blinks.blinks
  }

  async #sample(begin, going) {
    const idleness = watchIdleness()
    let [usedBefore, requestsBefore] = [(await this.site.ask('sample')).cpu, this.#client.requests]
    for (;;) {
      for (const next = Date.now() + this.pace.sampleEvery; going() && Date.now() < next; ) await sleep(50)
      if (!going()) return
      const at = Date.now() - begin
      const times = this.#client.takeTimes()
      const taken = await this.disturbances.during('sample', async () => ({
        ...(await this.site.ask('sample')),
        ...{ rows: await this.rows(), disk: await this.disk?.() },
      }))
      const { requests } = this.#client
      const rates = { idle: idleness(), cpuEach: (taken.cpu - usedBefore) / (requests - requestsBefore) }
      ;[usedBefore, requestsBefore] = [taken.cpu, requests]
      this.#samples.push({ at, requests, p50: quantile(times, 0.5), p99: quantile(times, 0.99), ...rates, ...taken })
    }
  }

  /** Waits until sessions and renewal records had their time, and the cleaner its turn. Returns how many rows are left. */
  async #drained() {
    const { idleTimeout, cleanupInterval, judgesTrends } = this.pace
    const [kind, longest] = judgesTrends ? ['all', Math.max(idleTimeout, RENEWAL_RECORD_MS)] : ['sessions', idleTimeout]
    const end = Date.now() + longest + cleanupInterval * 3 + 5000
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

/** Returns, at each call, what share of the machine's time nobody has used since the last one, where that is known. */
function watchIdleness() {
  const sum = (values) => values.reduce((total, value) => total + value, 0)
  let [idle, all] = [0, 0]
  const take = () => {
    const [idleBefore, allBefore] = [idle, all]
    const times = cpus().map((cpu) => cpu.times)
    idle = sum(times.map((each) => each.idle))
    all = sum(times.flatMap((each) => Object.values(each)))
    return all === allBefore ? undefined : (idle - idleBefore) / (all - allBefore)
  }
  take()
  return take
}
