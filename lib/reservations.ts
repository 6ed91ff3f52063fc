import { randomBytes } from 'node:crypto'
import { isPlainObject } from './options/checks.ts'
import type { Settings } from './settings.ts'
import type { StoreClient } from './store/client.ts'
import { reservationKey } from './token.ts'

/** Holds the reservations in their record: a reserved key, so that any reader of the store takes it for an empty session. */
const RESERVED = '__reserved'
/** Random, so that the record never has the same bytes twice: whoever read it before others came and went must notice. */
const MARK = '__mark'

/** How long a reservation holds beyond the time in which its login must be saved: by so much the clocks of two machines may differ. */
const CLOCK_SKEW_MS = 10_000

/** How often a reservation is given back when others come between. It lapses by itself soon after. */
const MAX_TRIES = 10

/** A login that is under way. */
export interface PendingLogin {
  /** The key that its session will have. */
  readonly key: string
  readonly owner: string
  readonly until: number
  /** The keys of sessions that end once it is saved. */
  readonly ending: ReadonlySet<string>
}

/** The reservations of an owner, as they were read. */
export interface Reserved {
  /** The bytes of the record. Undefined when there is none. */
  readonly data: Uint8Array | undefined
  /** The keys of the logins that are under way, each with the moment until which it holds. */
  readonly untils: Readonly<Record<string, number>>
  /** Whether one of them was made by a clock that is ahead of ours, and says a later moment. */
  readonly isAhead: boolean
}

/** The places that the logins of an owner have reserved and not taken yet, in a record for each owner. */
export class Reservations {
  readonly #settings: Settings
  readonly #client: StoreClient

  constructor(settings: Settings, client: StoreClient) {
    this.#settings = settings
    this.#client = client
  }

  /** For how long a reservation may hold. */
  get #longest(): number {
    return this.#settings.storeTimeout + CLOCK_SKEW_MS
  }

  async read({ owner, until }: PendingLogin): Promise<Reserved> {
    const found = await this.#client.find(reservationKey(owner), { expiry: false, owner: false }, until)
    const now = this.#settings.clock()
    const latest = now + this.#longest
    const living = Object.entries(this.#untilsIn(found?.data)).filter(([, moment]) => moment > now)
    const untils = Object.fromEntries(living.map(([key, moment]) => [key, Math.min(moment, latest)]))
    return { data: found?.data, untils, isAhead: living.some(([, moment]) => moment > latest) }
  }

  /** Adds a login, and drops those that are saved. Returns false when another one changed the reservations since they were read. */
  async add(login: PendingLogin, { data, untils }: Reserved, saved: ReadonlySet<string>): Promise<boolean> {
    const waiting = Object.entries(untils).filter(([key]) => !saved.has(key))
    return await this.#write(login, data, { ...Object.fromEntries(waiting), [login.key]: login.until + CLOCK_SKEW_MS })
  }

  /** Lets no reservation hold for longer than our clock allows: who made it may have died, with a clock that was hours ahead. */
  async shorten(login: PendingLogin, { data, untils, isAhead }: Reserved): Promise<void> {
    if (isAhead) await this.#write(login, data, untils)
  }

  /** Gives a reservation back, once its session is saved or was not. Throws nothing. */
  async giveBack(login: PendingLogin): Promise<void> {
    try {
      for (let tries = 1; tries <= MAX_TRIES && this.#settings.clock() < login.until; tries++) {
        const { data, untils } = await this.read(login)
        const { [login.key]: mine, ...others } = untils
        if (mine === undefined || (await this.#write(login, data, others))) return
      }
    } catch (err) {
      this.#settings.log.warn({ err }, 'a reservation for a login could not be given back, and lapses within seconds')
    }
  }

  async #write(
    { owner, until }: PendingLogin,
    previous: Uint8Array | undefined,
    untils: Readonly<Record<string, number>>,
  ): Promise<boolean> {
    const { clock, codec } = this.#settings
    const key = reservationKey(owner)
    // It outlives every login that may have found none, and so takes its place for the first.
    const expiresAt = Math.max(clock() + this.#longest, ...Object.values(untils))
    const values = { [RESERVED]: JSON.stringify(untils), [MARK]: randomBytes(9).toString('base64url') }
    const record = { data: codec.encode(expiresAt, values), expiresAt }
    return await (previous === undefined ? this.#client.create(key, record, until) : this.#client.update(key, previous, record, until))
  }

  #untilsIn(data: Uint8Array | undefined): Readonly<Record<string, number>> {
    if (data === undefined) return {}
    try {
      const untils: unknown = JSON.parse(String(this.#settings.codec.decode(data).values[RESERVED]))
      return isPlainObject(untils) ? (untils as Record<string, number>) : {}
    } catch {
      // What cannot be read holds no place.
      return {}
    }
  }
}
