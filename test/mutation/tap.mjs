import { match, same, strict } from 'tcompare'

/** What the tests use of tap, so that a test can be run again and again in one process. What the files define is noted here, to run later. */
export const defined = []

/** One run of a test that a file defines: what happens to it, wherever that happens. */
export class Run {
  failure = undefined
  #tests = new Set()
  #end

  /** Undefined when the test passes, or what failed first. */
  async go(work, limit) {
    const over = new Promise((resolve) => {
      this.#end = resolve
    })
    const timer = setTimeout(() => this.fail({ kind: 'timeout' }), limit)
    const whole = this.#whole(work).catch((error) => this.fail({ kind: 'failed', message: String(error?.stack ?? error) }))
    await Promise.race([whole, over])
    clearTimeout(timer)
    for (const test of this.#tests) await test.tidy()
    return this.failure
  }

  async #whole(work) {
    const test = new Test(this)
    await work(test)
    await test.done()
  }

  begin(test) {
    this.#tests.add(test)
  }

  end(test) {
    this.#tests.delete(test)
  }

  fail(failure) {
    this.failure ??= failure
    this.#end?.()
  }
}

const callOf = (work) => (typeof work === 'function' ? work() : work)
const fits = (error, wanted) => match(wanted instanceof RegExp ? error.message : error, wanted).match
const isFit = (error, wanted) => wanted === undefined || typeof wanted === 'string' || fits(error, wanted)

class Test {
  #run
  #queue = Promise.resolve()
  #teardowns = []

  constructor(run) {
    this.#run = run
    run.begin(this)
  }

  test(_name, ...rest) {
    this.#queue = this.#queue.then(async () => {
      const child = new Test(this.#run)
      await rest.at(-1)(child)
      await child.done()
    })
    const done = this.#queue
    done.catch(() => {})
    return done
  }

  async done() {
    for (let queue; queue !== this.#queue; await queue) queue = this.#queue
    for (const teardown of this.#teardowns.splice(0).reverse()) await teardown()
    this.#run.end(this)
  }

  /** After a failure: what a teardown says no longer matters, nor how long it takes. */
  async tidy() {
    for (const teardown of this.#teardowns.splice(0).reverse()) {
      const tidied = (async () => teardown())().catch(() => {})
      await Promise.race([tidied, new Promise((resolve) => setTimeout(resolve, 200))])
    }
  }

  teardown(work) {
    this.#teardowns.push(work)
  }

  intercept(object, name, descriptor) {
    const before = Object.getOwnPropertyDescriptor(object, name)
    Object.defineProperty(object, name, { configurable: true, writable: true, ...descriptor })
    this.teardown(() => (before === undefined ? Reflect.deleteProperty(object, name) : Object.defineProperty(object, name, before)))
  }

  #hold(holds) {
    if (holds) return true
    this.#run.fail({ kind: 'failed' })
    throw new Error('a failed assertion')
  }

  #also(settled) {
    this.#queue = this.#queue.then(() => settled)
    this.#queue.catch(() => {})
    return settled
  }

  setTimeout() {}
  comment() {}
  pass() {}
  fail = () => this.#hold(false)
  ok = (found) => this.#hold(found)
  notOk = (found) => this.#hold(!found)
  equal = (found, wanted) => this.#hold(found === wanted)
  not = (found, wanted) => this.#hold(found !== wanted)
  same = (found, wanted) => this.#hold(same(found, wanted).match)
  notSame = (found, wanted) => this.#hold(!same(found, wanted).match)
  strictSame = (found, wanted) => this.#hold(strict(found, wanted).match)
  match = (found, wanted) => this.#hold(match(found, wanted).match)
  notMatch = (found, wanted) => this.#hold(!match(found, wanted).match)
  type = (found, wanted) => this.#hold(typeof wanted === 'string' ? typeof found === wanted : found instanceof wanted)

  throws(work, wanted) {
    let thrown
    try {
      work()
    } catch (error) {
      thrown = { error }
    }
    return this.#hold(thrown !== undefined && isFit(thrown.error, wanted))
  }

  doesNotThrow(work) {
    work()
  }

  rejects(work, wanted) {
    const settled = Promise.resolve(callOf(work)).then(
      () => this.#hold(false),
      (error) => this.#hold(isFit(error, wanted)),
    )
    return this.#also(settled)
  }

  resolves(work) {
    return this.#also(Promise.resolve(callOf(work)))
  }
}

export default {
  setTimeout() {},
  teardown() {},
  test(name, ...rest) {
    defined.push({ name, work: rest.at(-1) })
    return Promise.resolve()
  },
}
