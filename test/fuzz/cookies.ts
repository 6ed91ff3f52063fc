import type { Random } from './random.ts'

/** A header that a browser, a proxy or an attacker may send, from pieces that mean something to a parser of cookies. */
export function cookieHeader(random: Random, tokens: readonly string[]): string {
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
  '',
  '"',
  '%22',
  '%',
  '%E0%A4%A',
  '\0',
  '\u00ff',
  '\u0100',
  '\ud800',
  ';',
  '=',
  'session=',
  ' session=',
  '\t',
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
    'session=',
    ' ',
    ';',
    `session=${token}; `,
    `session=${token.slice(1)}A; `,
    'session=;',
    ' session=x',
    `${header};`,
    '=',
    'é',
  ])
  const many = unit.repeat(Math.ceil(size / unit.length)).slice(0, size)
  return random.pick([header + many, many + header, `session=${token}${many}`, `${many}; session=${token}`])
}
