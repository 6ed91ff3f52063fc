import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { FailedError } from './errors.ts'

/** The bucket in which SCS's boltstore keeps sessions. */
const SESSIONS = Buffer.from('scs:session')
const MAGIC = 0xed0cdaed
const BRANCH = 1
const LEAF = 2
const HEADER = 16
const ELEMENT = 16
const META_END = 80
/** More levels than a file of any size has: each page has many children. */
const MAX_DEPTH = 40

interface Meta {
  readonly pageSize: number
  readonly root: number
  readonly pages: number
  readonly transaction: bigint
}

interface Item {
  readonly isBucket: boolean
  readonly key: Buffer
  readonly value: Buffer
}

const damaged = (what: string) => new FailedError(`the bolt file is damaged: ${what}`)

/**
 * A file of bbolt, of the format's version 2, which is only read. Nothing in it is trusted: each page is read at most once, so no file takes longer than its
 * size. bbolt locks its file with flock, which Node cannot ask for: Go must be stopped, or a copy is read.
 */
export class BoltFile {
  readonly #fd: number
  readonly #size: number
  readonly #meta: Meta

  /** Throws the error of the file system, or a FailedError for what is no bolt file. */
  constructor(path: string) {
    this.#fd = openSync(path, 'r')
    this.#size = fstatSync(this.#fd).size
    try {
      this.#meta = this.#newestMeta()
    } catch (error) {
      this.close()
      throw error
    }
  }

  close(): void {
    closeSync(this.#fd)
  }

  /** The entries of the sessions' bucket. Throws a FailedError where the file is damaged, or has no such bucket. */
  *sessions(): Generator<Item> {
    const seen = new Set<number>()
    for (const { isBucket, key, value } of this.#tree(this.#meta.root, seen, 0)) {
      if (!isBucket || !key.equals(SESSIONS)) continue
      if (value.length < HEADER) throw damaged('a bucket is too short')
      const root = numberAt(value, 0)
      const items = root === 0 ? leafItems(value.subarray(HEADER)) : this.#tree(root, seen, 0)
      for (const item of items) if (!item.isBucket) yield item
      return
    }
    throw new FailedError(`this bolt file has no bucket ${SESSIONS}, so it is not one of SCS's boltstore`)
  }

  /** The valid meta page of the latest transaction. The second one is after a page whose size only the first one tells, or whatever size fits. */
  #newestMeta(): Meta {
    const sizes = Array.from({ length: 8 }, (_, power) => 512 << power)
    const metas = [0, ...sizes].flatMap((offset) => this.#metaAt(offset) ?? []).sort((a, b) => Number(b.transaction - a.transaction))
    if (metas[0] === undefined) throw new FailedError('this is not a bolt file: it has no valid meta page')
    return metas[0]
  }

  #metaAt(offset: number): Meta | undefined {
    if (this.#size < offset + META_END) return undefined
    const body = this.#read(offset, META_END).subarray(HEADER)
    const pageSize = body.readUInt32LE(8)
    const isMeta = body.readUInt32LE(0) === MAGIC && body.readUInt32LE(4) === 2 && checksum(body) === body.readBigUInt64LE(56)
    if (!isMeta || pageSize < 512 || pageSize > 65_536 || (offset !== 0 && offset !== pageSize)) return undefined
    return { pageSize, root: numberAt(body, 16), pages: numberAt(body, 40), transaction: body.readBigUInt64LE(48) }
  }

  /** The items below a page, in order. */
  *#tree(id: number, seen: Set<number>, depth: number): Generator<Item> {
    if (depth > MAX_DEPTH) throw damaged('its pages are nested too deep')
    const page = this.#page(id, seen)
    if (page.readUInt16LE(8) === LEAF) return yield* leafItems(page)
    if (page.readUInt16LE(8) !== BRANCH) throw damaged(`page ${id} is neither a branch nor a leaf`)
    const count = countOf(page)
    for (let i = 0; i < count; i++) yield* this.#tree(numberAt(page, HEADER + i * ELEMENT + 8), seen, depth + 1)
  }

  /** A page with its overflow pages. */
  #page(id: number, seen: Set<number>): Buffer {
    const { pageSize, pages } = this.#meta
    if (id < 2 || id >= pages) throw damaged(`there is no page ${id}`)
    if ((id + 1) * pageSize > this.#size) throw damaged(`it ends before page ${id}`)
    const first = this.#read(id * pageSize, HEADER)
    const end = id + 1 + first.readUInt32LE(12)
    if (numberAt(first, 0) !== id) throw damaged(`page ${id} says that it is another`)
    if (end > pages || end * pageSize > this.#size) throw damaged(`it ends within page ${id}`)
    for (let each = id; each < end; each++) {
      if (seen.has(each)) throw damaged(`page ${each} is used twice`)
      seen.add(each)
    }
    return this.#read(id * pageSize, (end - id) * pageSize)
  }

  #read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    if (readSync(this.#fd, bytes, 0, length, offset) !== length) throw damaged('it became shorter while it was read')
    return bytes
  }
}

/** The items of a leaf. bbolt writes them one after the other and in order, so none can be counted twice. */
function* leafItems(page: Buffer): Generator<Item> {
  if (page.length < HEADER) throw damaged('a page is too short')
  const count = countOf(page)
  let free = HEADER + count * ELEMENT
  let before: Buffer | undefined
  for (let i = 0; i < count; i++) {
    const at = HEADER + i * ELEMENT
    const [flags, position, keySize, valueSize] = [0, 4, 8, 12].map((field) => page.readUInt32LE(at + field)) as [
      number,
      number,
      number,
      number,
    ]
    const [start, end] = [at + position, at + position + keySize + valueSize]
    if (start < free || end > page.length) throw damaged('an entry is outside its page')
    free = end
    const key = page.subarray(start, start + keySize)
    if (before !== undefined && before.compare(key) >= 0) throw damaged('its keys are not in order')
    before = key
    yield { isBucket: (flags & 1) === 1, key, value: page.subarray(start + keySize, end) }
  }
}

function countOf(page: Buffer): number {
  const count = page.readUInt16LE(10)
  if (HEADER + count * ELEMENT > page.length) throw damaged('a page has more entries than room')
  return count
}

/** An unsigned number of eight bytes; one that is too large for a page is too large here as well. */
function numberAt(bytes: Buffer, offset: number): number {
  return Number(bytes.readBigUInt64LE(offset))
}

/** FNV-1a of 64 bits over what comes before the checksum. */
function checksum(meta: Buffer): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of meta.subarray(0, 56)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash
}
