/** Bytes as a string with one character for each byte. */
export function toText(data: Uint8Array): string {
  const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return bytes.toString('latin1')
}

/** The bytes of a string that {@link toText} made. Each call returns a new array. */
export function toBytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}
