export const [PAGE, HEADER] = [4096, 16]

/** A leaf or a branch page: its id, flags, count and overflow, then its bytes. */
export function pageOf(id: number, flags: number, count: number, body: Buffer = Buffer.alloc(0), overflow = 0): Buffer {
  const page = Buffer.alloc(PAGE)
  page.writeBigUInt64LE(BigInt(id))
  page.writeUInt16LE(flags, 8)
  page.writeUInt16LE(count, 10)
  page.writeUInt32LE(overflow, 12)
  body.copy(page, HEADER)
  return page
}

/** One element of a leaf and its data. */
export function leaf(flags: number, key: string, value: Buffer, position = 16): Buffer {
  const element = Buffer.alloc(16)
  for (const [i, field] of [flags, position, key.length, value.length].entries()) element.writeUInt32LE(field, i * 4)
  return Buffer.concat([element, Buffer.from(key), value])
}

/** The elements of a branch with these children. */
export function branch(...children: number[]): Buffer {
  const elements = Buffer.alloc(children.length * 16)
  for (const [i, child] of children.entries()) elements.writeBigUInt64LE(BigInt(child), i * 16 + 8)
  return elements
}
