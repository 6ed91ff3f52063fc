import type { Random } from './random.ts'

/** Words that mean something to somebody: to JavaScript, to JSON, to our payloads, to a console. */
export const WORDS: readonly string[] = [
  ...['a', 'user', '', '0', '1', '-1', '$', 'v', '__proto__', 'constructor', 'prototype', 'toString', 'toJSON', 'then', 'length', 'values'],
  ...[
    'deadline',
    'tagged',
    'map',
    'set',
    'date',
    'bytes',
    'bigint',
    'object',
    '-0',
    '__rememberMe',
    '__renewedTo',
    '__computed',
    '_',
    '__',
  ],
  ...[
    '4294967294',
    '4294967295',
    '\0',
    '\n',
    '"',
    '\\',
    '%s',
    '\u001b[31m',
    '\ud800',
    '\udfff\ud800',
    'ä',
    '\u2028',
    '😀',
    '\ufeff',
    '\u00a0',
  ],
]

/** A text: a word, or units of any kind, lone surrogates among them. */
export function text(random: Random, most = 6): string {
  if (!random.once(3)) return random.pick(WORDS)
  const range = random.pick([0x80, 0x100, 0x10000])
  return String.fromCharCode(...random.list(most, () => random.int(range)))
}
