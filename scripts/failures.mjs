const quiet = [/^TAP version/, /^\d+\.\.\d+/, /^pragma /, /^# (Subtest: |time=|\{ total:)/, /^\}?$/, /^ok \d+/, /^json-summary report: /]
const failure = /^not ok \d+(?: - )?(.*?)(?: # time=\S+)?(?: \{)?$/

/**
 * Reads TAP line by line and lets through what somebody needs to see: failed assertions in full, each under the names of the tests that it
 * is in, what the tests wrote themselves, and the coverage that is missing. tap's own reporters redraw the screen, also where it is a file.
 */
export function failuresOf(write) {
  const names = []
  const failed = []
  let diagnosis

  function subtest(depth, name) {
    names.length = depth
    names[depth] = name
    failed[depth] = false
  }

  function notOk(depth, name) {
    const told = failed[depth] && names[depth] === name
    failed[depth] = false
    if (!told) write(`\nFAILED ${[...names.slice(0, depth), name].join(' > ')}`)
    for (let outer = 0; outer < depth; outer++) failed[outer] = true
    return told
  }

  function insideDiagnosis(line) {
    const end = line === `${' '.repeat(diagnosis.indent)}...`
    if (diagnosis.shown && !end) write(`  ${line.slice(diagnosis.indent)}`)
    if (end) diagnosis = undefined
  }

  let shown = false
  return function read(line) {
    if (diagnosis) return insideDiagnosis(line)
    const indent = line.search(/\S|$/)
    const text = line.slice(indent)
    if (text === '---') {
      diagnosis = { indent, shown }
      return
    }
    const failing = failure.exec(text)
    shown = failing !== null && !/ # (TODO|SKIP)\b/i.test(text) && !notOk(indent / 4, failing[1])
    if (text.startsWith('# Subtest: ')) subtest(indent / 4, text.slice('# Subtest: '.length))
    else if (!failing && !quiet.some((pattern) => pattern.test(text))) write(text.startsWith('#') ? text : line)
  }
}
