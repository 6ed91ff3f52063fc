import { apply, type Call, Calls, isEmpty, isRenewal } from './calls.ts'
import type { Fact } from './facts.ts'
import type { Values } from './operations.ts'
import { same, show } from './payloads.ts'
import { changeOf } from './script.ts'

/** What is known of a request at a moment. */
export interface Moment {
  /** Whether there is a living session under a key. */
  lives(key: string): boolean
  /** Whether the session that was under a key lives, wherever renewals moved it. */
  endures(key: string): boolean
  /** Whether the session was renewed by another before the request came. */
  readonly traced: boolean
  /** Whether something went wrong with one of the request's store calls, or its time was over. */
  readonly failed: boolean
  /** Whether it did, and another request had saved exactly the same. */
  readonly idle: boolean
}

/**
 * What the calls of a session come to when they take effect in the order in which they were made, whether or not they were awaited and
 * however slow the store is: a commit saves what was there when it was called, and what comes later is a change to that; an end takes with
 * it what came before, and what comes later starts a new session; a merge lies over what came before it and under what came later; what
 * could not be saved is saved by whatever saves next.
 */
export class Story {
  /** The key of a second session that it may merge; '' for none. */
  readonly other: string
  readonly calls: Calls
  /** What the session's values are without its unsaved changes, as far as it can know. */
  #base: Values = {}
  #isStranger = false
  /** Whether something was saved and the session was told that it failed. */
  isUncertain = false

  constructor(key: string, other: string) {
    this.calls = new Calls(key)
    this.other = other
  }

  /** The session was loaded; without values there was none. */
  loads(values: Values | undefined): void {
    this.#isStranger = values === undefined
    this.#base = values ?? {}
  }

  /** A session was read. */
  reads(key: string, values: Values | undefined): void {
    const call = this.calls.all[this.calls.head]
    if (key === this.other && call?.word === 'merge') call.taken = values
  }

  /** What the save that comes next makes of stored values. */
  compose(values: Values): Values {
    return apply(this.calls.unsaved(this.calls.head), values)
  }

  /** A save worked. Returns what is wrong with it. */
  saves(verb: string, key: string, stored: Values, written: Values): string[] {
    const { head, all } = this.calls
    const call = all[head]
    const unsaved = this.calls.unsaved(head)
    const renews = unsaved.some(isRenewal)
    this.calls.saved(key, verb !== 'update')
    if (call !== undefined) call.wrote = written
    else for (const each of unsaved) each.isOver = true
    if (this.isUncertain) return []
    return [
      ...(call === undefined || call.word === 'commit' ? [] : [`saves while ${call.word}() is under way`]),
      ...(unsaved.length > 0 ? [] : ['saves without a change']),
      ...(verb === 'create' || (verb === 'rename') === renews ? [] : [renews ? 'does not renew the token' : 'renews the token unasked']),
      ...(same(apply(unsaved, stored), written) ? [] : [`saves ${show(written)} in the place of ${show(apply(unsaved, stored))}`]),
    ]
  }

  /** Whether the session of this key may be ended by the request. */
  mayEnd(key: string): boolean {
    return key === this.other ? this.calls.hasMerged : this.calls.lastEnd(this.calls.head + 1) >= 0
  }

  /** Follows what the script did and saw. Returns what is wrong with it. */
  follow(fact: Fact, moment: Moment): string[] {
    if (fact.does === 'look') return this.#mustShow('shows', (values) => same(values, fact.values), show(fact.values))
    if (fact.does === 'settle') return this.#settle(fact.sign, fact.code, moment)
    if (fact.does === 'fail') return this.#fail()
    const { word, sign, returned } = fact
    const isNone = word === 'pop' ? returned === undefined : (changeOf(word)?.isNone?.(this.#views()[0]) ?? false)
    const problems = word === 'pop' ? this.#mustShow('pops', ({ flash }) => flash === returned, String(returned)) : []
    // What removes nothing is worth no save, and holds when there is one: somebody may have put it there meanwhile.
    const isOver = isNone && (word === 'pop' || word === 'again')
    const isMaybe = !isOver && (isNone || word === 'again')
    this.calls.all.push({ word, sign, returned, isOpen: changeOf(word) === undefined, isOver, isMaybe })
    if (word === 'destroy') this.#base = {}
    return problems
  }

  /** The key of the session that the request has now; '' for none. */
  get key(): string {
    return this.calls.keyAt(this.calls.all.length + 1)
  }

  /** After a call that failed, what is stored has all that the call under way has to save. */
  meets(values: Values): void {
    const { head, all } = this.calls
    const call = all[head]
    // Who has nothing to save compares nothing, and learns nothing of what is stored.
    if (call !== undefined && this.calls.unsaved(head).length > 0) call.met = values
  }

  /** The key that the reply's cookie has; '' clears it. */
  get cookieKey(): string | undefined {
    const end = this.calls.lastEnd()
    const made = this.calls.saves.findLast(({ by, isNew }) => isNew && by > end)
    return made?.key ?? (end >= 0 ? '' : undefined)
  }

  /** Whether there are changes that nothing saved. */
  get hasUnsaved(): boolean {
    return this.calls.unsaved().length > 0
  }

  /** Whether there are some that must be saved. */
  mustSave(moment: Moment): boolean {
    return this.#mustSave(this.calls.all.length, moment)
  }

  /** Whether the session that the call at a place has ended, or was renewed, and not by this request. */
  isLate(moment: Moment, place = this.calls.all.length + 1): boolean {
    const key = this.calls.keyAt(place)
    if (key === '') return false
    return this.#isStranger && this.calls.saves.length === 0 ? moment.traced : !moment.lives(key)
  }

  #fail(): string[] {
    this.calls.isFailed = true
    return []
  }

  #mustSave(place: number, moment: Moment): boolean {
    const unsaved = this.calls.unsaved(place)
    // What a session held that ended meanwhile is not known any more.
    const changes = place > this.calls.lastEnd() && !same(apply(unsaved, this.#base), this.#base)
    const matters = changes || unsaved.some(({ isMaybe }) => !isMaybe)
    if (!matters || this.isUncertain || moment.idle) return false
    // Without values there is no session to start: a new one, or one apart from that which another renewed.
    const isStranger = this.#isStranger && this.calls.saves.length === 0
    const isNew = isStranger || this.calls.keyAt(place) === '' || (unsaved.some(isRenewal) && this.isLate(moment, place))
    return !isNew || !isEmpty(unsaved)
  }

  #settle(sign: string, code: string | undefined, moment: Moment): string[] {
    const place = this.calls.all.findIndex((call) => call.sign === sign)
    const call = this.calls.all[place]
    if (call === undefined) return [`${sign} is settled and was never called`]
    call.isOpen = false
    if (code === undefined) return this.#done(place, call, moment)
    if (call.word === 'merge') call.taken = undefined
    if (call.wrote !== undefined) this.isUncertain = true
    if (code === 'FST_ERR_SCS_SUPERSEDED') return this.isLate(moment, place) ? [] : [`${call.word}() is told that it is too late`]
    return moment.failed ? [] : [`${call.word}() rejects with ${code}`]
  }

  #done(place: number, { word, wrote, met }: Call, moment: Moment): string[] {
    if (word === 'destroy') {
      const lives = !this.#isStranger && !this.isUncertain && moment.endures(this.calls.keyAt(place))
      return lives ? ['destroy() resolves and the session lives on'] : []
    }
    if (word === 'merge') return []
    if (wrote === undefined && this.#mustSave(place, moment)) return ['commit() resolves and saved nothing']
    const known = wrote ?? met
    if (known === undefined) return []
    for (const each of this.calls.unsaved(place)) each.isOver = true
    if (place > this.calls.lastEnd()) this.#base = known
    return []
  }

  /** What the session may show: its unsaved changes on what it knows; while a commit is under way, that may be what it wrote already. */
  #views(): [Values, ...Values[]] {
    const { head, all } = this.calls
    const unsaved = this.calls.unsaved()
    const view = apply(unsaved, this.#base)
    const wrote = head > this.calls.lastEnd() ? all[head]?.wrote : undefined
    if (wrote === undefined) return [view]
    const later = unsaved.filter((call) => all.indexOf(call) > head)
    return [view, apply(later, wrote)]
  }

  #mustShow(verb: string, fits: (values: Values) => boolean, shown: string): string[] {
    const views = this.#views()
    return views.some(fits) || this.isUncertain ? [] : [`${verb} ${shown} and has ${views.map(show).join(' or ')}`]
  }
}
