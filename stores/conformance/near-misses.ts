import { bytes } from './expect.ts'

/** Bytes that differ from those of the string, but that a careless comparison takes for the same. */
export function nearMisses(text: string): [difference: string, previous: Uint8Array][] {
  return [
    ['others of the same length', bytes(text.replace(/.$/, '!'))],
    ['only their beginning', bytes(text.slice(0, -1))],
    ['longer by a byte', bytes(`${text}!`)],
    ['longer by a space', bytes(`${text} `)],
    ['longer by a zero byte', bytes(`${text}\0`)],
    ['in capitals', bytes(text.toUpperCase())],
    ['empty', bytes('')],
  ]
}
