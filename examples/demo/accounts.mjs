import { scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** One of OWASP's settings for scrypt: 16 MiB, and about a tenth of a second. */
const COST = { N: 2 ** 14, r: 8, p: 5 }

/**
 * @typedef {{ id: string, name: string, email: string, isOperator: boolean }} Account
 * @typedef {{ salt: string, hash: string }} Secret
 */

/**
 * The accounts of the demo, with salted hashes of their passwords. A real application has them in a database.
 * @type {ReadonlyArray<Account & Secret>}
 */
const ACCOUNTS = [
  {
    id: 'ada',
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    isOperator: false,
    salt: 'GFmB6BBvYFYQieZtdEk1lQ',
    hash: 'lNceguz1faefB1tLegz1mHSM6Ohc8XkvjgQLumd5xko',
  },
  {
    id: 'grace',
    name: 'Grace Hopper',
    email: 'grace@example.com',
    isOperator: false,
    salt: 'G5jOx3Kucb8Fsf1dt0UGpg',
    hash: 'VkkIWtnJDAQd-R0do1niCgwGIuv-eDuaFLOtYyLBswc',
  },
  {
    id: 'olga',
    name: 'Olga Ladyzhenskaya',
    email: 'olga@example.com',
    isOperator: true,
    salt: 'b_DIrQGZL02MjfeswsVoVg',
    hash: 'WDSgAjA7z5UihUlPY0Ds92vpkfjBcKIUztQuQnv9CsY',
  },
]

/**
 * What the sign-in page shows, because this is a demo.
 * @type {ReadonlyArray<{ id: string, password: string, role: string }>}
 */
export const HINTS = [
  { id: 'ada', password: 'tea at four', role: 'customer' },
  { id: 'grace', password: 'tea at five', role: 'customer' },
  { id: 'olga', password: 'tea at six', role: 'operator' },
]

/** Compared for a name that nobody has, so that the time of the answer does not tell which names there are. */
const NOBODY = { salt: 'ZenYAXLVYcuQ5gkk_DoC3Q', hash: '6hFcDowvHd86BSDKEnNpbz8pOtmX_omnglcpmImEhmI' }

export class Accounts {
  /** @type {Map<string, Account & Secret>} */
  #accounts = new Map(ACCOUNTS.map((account) => [account.id, { ...account }]))

  /** @param {string | undefined} id @returns {Account | undefined} */
  find(id) {
    return id === undefined ? undefined : this.#accounts.get(id)
  }

  /** Whether this is the account's password. @param {string} id @param {string} password */
  async verify(id, password) {
    const account = this.#accounts.get(id)
    const { salt, hash } = account ?? NOBODY
    const expected = Buffer.from(hash, 'base64url')
    const derived = await derive(password, Buffer.from(salt, 'base64url'), expected.length)
    return timingSafeEqual(derived, expected) && account !== undefined
  }

  /** @param {string} id @param {string} email */
  changeEmail(id, email) {
    const account = this.#accounts.get(id)
    if (account) account.email = email
  }
}

/** @type {(password: string, salt: Buffer, length: number) => Promise<Buffer>} */
const derive = (password, salt, length) => scryptInThread(password.normalize('NFKC'), salt, length, COST)

/** @type {(password: string, salt: Buffer, length: number, cost: import('node:crypto').ScryptOptions) => Promise<Buffer>} */
const scryptInThread = promisify(scrypt)
