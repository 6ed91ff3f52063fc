import assert from 'node:assert'
import { readCookie } from '../../lib/http/cookie.ts'
import { hashToken } from '../../lib/token.ts'
import type { Target } from './fuzz.ts'
import type { Random } from './random.ts'
import { type Action, FuzzSite, type Visit } from './site.ts'

interface Input {
  readonly header: string
  readonly writes: boolean
  /** Whether the request goes through Fastify. */
  readonly whole: boolean
}

const TOKENS: readonly string[] = [...'ABCDEF'].map((letter, i) => letter.repeat(42) + '-_09za'.charAt(i))
/** The first three are sessions; the store knows none of the others. */
const KNOWN: ReadonlyMap<string, string> = new Map(TOKENS.slice(0, 3).map((token, i) => [token, `user ${i}`]))
const SHAPE = /^[A-Za-z0-9_-]{43}$/

/** What may be looked up: the different values of our name that have the shape of a token, three of them at most. */
const tokensIn = (values: readonly string[]): string[] => [...new Set(values)].filter((value) => SHAPE.test(value)).slice(0, 3)

/** The values of our name by the words of the rule (`readCookie`), in another way than the library's. */
function valuesIn(header: string): string[] {
  const pairs = header.split(';').map(trimmed)
  const values = pairs.filter((pair) => pair.startsWith('session=')).map((pair) => pair.slice('session='.length))
  return values.map((value) => /^"(.*)"$/s.exec(value)?.[1] ?? value)
}

/** Without spaces and tabs at its ends. A regular expression would take quadratic time for this. */
function trimmed(pair: string): string {
  let from = 0
  let to = pair.length
  while (from < to && ' \t'.includes(pair.charAt(from))) from++
  while (to > from && ' \t'.includes(pair.charAt(to - 1))) to--
  return pair.slice(from, to)
}

/** The cookie header: what is read of it, what is looked up, and whose session it gives. */
export async function startCookieTarget(): Promise<Target<Input>> {
  const site = await FuzzSite.start()
  const plant = () => {
    for (const [token, user] of KNOWN) site.plant(token, site.lifecycle.settings.codec.encode(site.clock() + 3_600_000, { user }))
  }
  plant()
  const { calls } = site.store
  return {
    name: 'cookies',
    make: (random: Random) => ({ header: cookieHeader(random, TOKENS), writes: random.once(3), whole: random.once(10) }),
    show: (input) => JSON.stringify(input),
    close: () => site.close(),
    check({ header, writes, whole }) {
      const values = valuesIn(header)
      const read = readCookie(header, 'session=')
      const inQuotes = /^"(.*)"$/s
      const plain = read === undefined ? [] : [read].flat().map((value) => value.replace(inQuotes, '$1'))
      assert.deepEqual(plain, values, 'the values of our name')
      calls.length = site.warnings.length = 0
      const visiting = whole ? site.inject(header, writes ? write : see) : site.visit(header, writes ? write : see)
      const judge = (visit: Visit) => {
        mustBeRight(site, tokensIn(values), writes, visit)
        // A session that begins where a client brought several ends them.
        if (writes) plant()
      }
      return visiting instanceof Promise ? visiting.then(judge) : judge(visiting)
    },
  }
}

const see: Action = (session) => [session.isNew, session.get('user'), session.token]

/** Of what a request with a session writes nothing is left in the way of the next. */
const write: Action = (session) => {
  const seen = see(session)
  if (session.isNew) session.put('user', 'new')
  return seen
}

function mustBeRight({ store, warnings }: FuzzSite, tokens: readonly string[], writes: boolean, visit: Visit): void {
  assert.equal(visit.status, 200, 'the reply')
  const looked = store.calls
    .filter((call) => call.startsWith('find ') && !call.startsWith('find ;'))
    .map((call) => call.slice('find '.length))
  assert.deepEqual(looked, tokens.map(hashToken), 'what is looked up')
  const known = tokens.filter((token) => KNOWN.has(token))
  const [mine] = known
  const isMine = known.length === 1 && mine !== undefined
  assert.deepEqual(visit.body, isMine ? [false, KNOWN.get(mine), mine] : [true, undefined, ''], 'whose session it is')
  assert.equal(warnings.length, known.length > 1 ? 1 : 0, 'the warnings')
  assert.equal(visit.cookie !== undefined, writes && !isMine, 'a cookie is set for a new session alone')
  if (visit.cookie === undefined) return
  assert.ok(!tokens.includes(visit.cookie) && SHAPE.test(visit.cookie), 'the token is a new one')
  store.inner.delete(hashToken(visit.cookie))
}

/** A header that a browser, a proxy or an attacker may send, from pieces that mean something to a parser of cookies. */
function cookieHeader(random: Random, tokens: readonly string[]): string {
  const header = random.list(random.once(4) ? 9 : 5, () => (random.once(3) ? ours(random, tokens) : piece(random, tokens))).join('')
  return random.once(60) ? flood(random, header, tokens) : header
}

const NAMES: readonly string[] = [
  ...['session', 'session', 'session', 'theme', 'Session', '__Host-session', 'sessio', 'sessionn', 'xsession', 'session ', 'session\t', ''],
  ...['%73ession', '"session"', 'session\0', '$Version', '__proto__', 'constructor', '\ufeffsession', 'sessıon', 'session;session', 's'],
]

const EQUALS: readonly string[] = ['=', '=', '=', '=', ' =', '= ', '==', '', '%3D', '=\t', ':']

const SEPARATORS: readonly string[] = [
  ...['; ', '; ', '; ', ';', ' ;', ';;', '\t;\t', ' ; ', ',', ', ', '&', ' ', '', '\u00a0;', ';\u00a0', ';\v', ';\f', '\0', '\\;', '";"'],
]

const ODD: readonly string[] = [
  ...['', '"', '%22', '%', '%E0%A4%A', '\0', '\u00ff', '\u0100', '\ud800', ';', '=', 'session=', ' session=', '\t'],
]

/** One of our name, as it should be; any number of them may differ. */
function ours(random: Random, tokens: readonly string[]): string {
  const token = random.pick(tokens)
  return `session=${random.once(2) ? token : token.slice(0, 41) + random.pick(['00', '01', '02', '03', '04', '05', '06', '07'])}; `
}

function piece(random: Random, tokens: readonly string[]): string {
  return `${random.pick(NAMES)}${random.pick(EQUALS)}${value(random, tokens)}${random.pick(SEPARATORS)}`
}

function value(random: Random, tokens: readonly string[]): string {
  const token = random.pick(tokens)
  switch (random.int(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return token
    case 4:
      return token.slice(1)
    case 5:
      return `${token}A`
    case 6:
      return `"${token}"`
    case 7:
      return `${blanks(random)}${token}${blanks(random)}`
    case 8:
      return token.slice(0, 21) + random.pick(ODD) + token.slice(21)
    case 9:
      return token.slice(0, 42) + random.pick(['=', '+', '/', '.', 'é', '\u0141', '-', '_', 'A'])
    case 10:
      return random.pick(ODD).repeat(random.int(44))
    default:
      return String.fromCharCode(...random.list(50, () => random.int(0x180)))
  }
}

const blanks = (random: Random): string => random.pick([' ', '\t', '  ', ' \t ', '\u00a0', '\r', '\n', '\u2003'])

/** As long as a server lets it be, or longer. */
function flood(random: Random, header: string, tokens: readonly string[]): string {
  const size = random.pick([1024, 8192, 16_384, 65_536])
  const token = random.pick(tokens)
  const unit = random.pick([
    ...['session=', ' ', ';', `session=${token}; `, `session=${token.slice(1)}A; `, 'session=;', ' session=x', `${header};`, '=', 'é'],
  ])
  const many = unit.repeat(Math.ceil(size / unit.length)).slice(0, size)
  return random.pick([header + many, many + header, `session=${token}${many}`, `${many}; session=${token}`])
}
