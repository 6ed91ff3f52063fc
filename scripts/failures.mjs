const quiet = [/^TAP version/, /^\d+\.\.\d+/, /^pragma /, /^# (Subtest: |time=|\{ total:)/, /^\}?$/, /^ok \d+/, /^json-summary report: /]
const failure = /^not ok \d+(?: - )?(.*?)(?: # time=\S+)?(?: \{)?$/

/**
 * Reads TAP line by line and passes on what somebody needs to see: failed assertions in full, each under the names of the tests that it is in,
 * what the tests wrote themselves, and the coverage that is missing. tap's own reporters redraw the screen, also where it is a file.
 */
export function failuresOf(write) {
  const reader = new Reader(write)
  return (line) => reader.read(line)
}

class Reader {
  #names = []
  #failed = []
  #diagnosis
  #shown = false
  #write

  constructor(write) {
    this.#write = write
  }

  read(line) {
    if (this.#diagnosis) return this.#insideDiagnosis(line)
    const indent = line.search(/\S|$/)
    const text = line.slice(indent)
    if (text === '---') {
      this.#diagnosis = { indent, shown: this.#shown }
      return
    }
    const failing = failure.exec(text)
    this.#shown = failing !== null && !/ # (TODO|SKIP)\b/i.test(text) && !this.#notOk(indent / 4, failing[1])
    if (text.startsWith('# Subtest: ')) this.#subtest(indent / 4, text.slice('# Subtest: '.length))
    else if (!failing && !quiet.some((pattern) => pattern.test(text))) this.#write(text.startsWith('#') ? text : line)
  }

  #insideDiagnosis(line) {
    const { indent, shown } = this.#diagnosis
    const end = line === `${' '.repeat(indent)}...`
    if (shown && !end) this.#write(`  ${line.slice(indent)}`)
    if (end) this.#diagnosis = undefined
  }

  #subtest(depth, name) {
    this.#names.length = depth
    this.#names[depth] = name
    this.#failed[depth] = false
  }

  /** Whether the failure was told before: a test fails again for what failed in it. */
  #notOk(depth, name) {
    const told = this.#failed[depth] && this.#names[depth] === name
    this.#failed[depth] = false
    if (!told) this.#write(`\nFAILED ${[...this.#names.slice(0, depth), name].join(' > ')}`)
    for (let outer = 0; outer < depth; outer++) this.#failed[outer] = true
    return told
  }
}
