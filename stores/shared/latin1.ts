/** Bytes as text, one character a byte. */
export function toText(data: Uint8Array): string {
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return bytes.toString('latin1')
}

/** The bytes of a text made by {@link toText}, anew for each caller. */
export function toBytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}
