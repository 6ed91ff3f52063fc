import { isUtf8 } from 'node:buffer'

const REPLACEMENT = '\ufffd'

/** The string of some bytes. Of those that are no UTF-8 each becomes U+FFFD, as when Go prints them. */
export function decodeText(raw: Buffer): string {
  const text = raw.toString('utf8')
  return text.includes(REPLACEMENT) && !isUtf8(raw) ? lossy(raw, () => REPLACEMENT) : text
}

/** Whether {@link decodeText} lost something of these bytes. */
export function isLossy(raw: Buffer, text: string): boolean {
  return text.includes(REPLACEMENT) && !isUtf8(raw)
}

/** A string that no other bytes give: what is no UTF-8 becomes half surrogate pairs. For keys, of which none may replace another. */
export function distinctText(raw: Buffer): string {
  return lossy(raw, (byte) => String.fromCharCode(0xdc00 + byte))
}

function lossy(raw: Buffer, replace: (byte: number) => string): string {
  let text = ''
  for (let at = 0; at < raw.length; ) {
    const size = sizeAt(raw, at)
    const part = raw.subarray(at, at + size)
    if (isUtf8(part)) text += part.toString('utf8')
    else text += replace(raw[at] as number)
    at += isUtf8(part) ? size : 1
  }
  return text
}

/** How many bytes the character takes that begins with this one. */
function sizeAt(raw: Buffer, at: number): number {
  const first = raw[at] as number
  if (first < 0xc0) return 1
  if (first < 0xe0) return 2
  return first < 0xf0 ? 3 : 4
}
