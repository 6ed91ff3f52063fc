import { PayloadError } from '../../errors.ts'
import { Definitions } from './definitions.ts'
import { keepPrefix, seenPrefix } from './prefix.ts'
import type { GobReader } from './reader.ts'
import type { GoType } from './types.ts'

/** The types of a stream, whose definitions stand in front of the first value that needs them: even in the middle of another one. */
export class GobStream {
  readonly #reader: GobReader
  #types: Definitions

  constructor(reader: GobReader) {
    this.#reader = reader
    this.#types = new Definitions(seenPrefix(reader))
  }

  /** Reads messages with definitions, up to one that begins with the type of a value. */
  firstType(): GoType {
    const reader = this.#reader
    let isNew = false
    for (;;) {
      const before = reader.at
      reader.nextMessage()
      const id = reader.small(true)
      if (id >= 0) {
        const type = this.#types.typeOf(id)
        // What the value defines belongs to this stream alone.
        if (isNew && keepPrefix(reader.start(before), this.#types)) this.#types = new Definitions(this.#types)
        return type
      }
      this.#types.read(-id, reader)
      isNew = true
      if (!reader.isAtEnd) throw new PayloadError('something follows a definition')
    }
  }

  /** Reads definitions, in this message and the next ones, up to the type of the value that an interface holds. */
  heldType(): GoType {
    const reader = this.#reader
    for (;;) {
      if (reader.isAtEnd) reader.nextMessage()
      const id = reader.small(true)
      if (id >= 0) return this.#types.typeOf(id)
      this.#types.read(-id, reader)
      // The length of a message that this one has in it.
      if (!reader.isAtEnd) reader.uint()
    }
  }
}
