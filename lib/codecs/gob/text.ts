import { isUtf8 } from 'node:buffer'

const REPLACEMENT = '\ufffd'

/** Whether a text was decoded from UTF-8, of which each U+FFFD makes one doubt. */
export function isUtf8Text(text: string, data: Buffer, from: number, to: number): boolean {
  return !text.includes(REPLACEMENT) || isUtf8(data.subarray(from, to))
}

/** The string of bytes that are no UTF-8, as when Go prints it: each that belongs to no character becomes U+FFFD. */
export function lossyText(raw: Buffer): string {
  return replaced(raw, () => REPLACEMENT)
}

/** A string that no other bytes have: what belongs to no character becomes half a surrogate pair. For keys, of which none may replace another. */
export function distinctText(raw: Buffer): string {
  return replaced(raw, (byte) => String.fromCharCode(0xdc00 + byte))
}

function replaced(raw: Buffer, replace: (byte: number) => string): string {
  let text = ''
  for (let at = 0; at < raw.length; ) {
    const size = sizeAt(raw, at)
    const character = raw.subarray(at, at + size)
    const isOne = isUtf8(character)
    text += isOne ? character.toString('utf8') : replace(raw[at] as number)
    at += isOne ? size : 1
  }
  return text
}

/** How many bytes a character takes that begins with this one. */
function sizeAt(raw: Buffer, at: number): number {
  const first = raw[at] as number
  if (first < 0xc0) return 1
  if (first < 0xe0) return 2
  return first < 0xf0 ? 3 : 4
}
