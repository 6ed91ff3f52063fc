import { table } from '../../test/support/markdown.mjs'
import { mean, median } from '../runner.mjs'
import { cases } from '../throughput/cases.mjs'
import { variants } from '../throughput/variants.mjs'

const whole = (number) => Math.round(number).toLocaleString('en-US')
const [tenths, hundredths] = [1, 2].map((digits) => (number) => number.toFixed(digits))
const distinct = (records, key) => [...new Set(records.map((record) => record[key]))]
const where = (records, wanted) => records.filter((record) => Object.entries(wanted).every(([key, value]) => record[key] === value))
const samplesOf = (samples, wanted, key) => where(samples, wanted).map((sample) => sample[key])

/**
 * What a variant costs, of all its starts: the mean of the two lowest. A machine with two speeds, and a program that is slow in some starts,
 * make of a mean or a median a matter of luck.
 */
const lowest = (numbers) => mean([...numbers].sort((a, b) => a - b).slice(0, 2))

/** In the same way, how much it does. */
const highest = (numbers) => mean([...numbers].sort((a, b) => b - a).slice(0, 2))

/** What a variant costs beyond another, in microseconds of user time a request; and of its own starts the least and the most. */
export function beyond(samples, { node, case: name, variant, base }) {
  const [own, others] = [variant, base].map((each) => samplesOf(samples, { node, case: name, variant: each }, 'user'))
  const floor = lowest(others)
  return { us: lowest(own) - floor, min: Math.min(...own) - floor, max: Math.max(...own) - floor }
}

/** The samples of the Node that is quoted: the first. */
export const quoted = (samples) => where(samples, { node: samples[0].node })

/** How many times the requests a second of another variant one does. */
export function rateTo(samples, name, own, base) {
  const [mine, others] = [own, base].map((variant) => highest(samplesOf(samples, { case: name, variant }, 'rate')))
  return mine / others
}

const isMeasured = (samples, node, name, variant) => where(samples, { node, case: name, variant }).length > 0
const optional = (value, format) => (value === undefined ? '' : format(value))

const AIMS = ['case', 'of', 'beyond', 'aim, µs', 'measured', 'min', 'max', '@fastify/session']

/** Of each case on the Node that is quoted what it costs beyond its base, and what it should. */
export function aimTable(samples) {
  const { node } = samples[0]
  const rows = distinct(where(samples, { node }), 'case').map((name) => {
    const { of, base, most } = cases[name]
    const { us, min, max } = beyond(samples, { node, case: name, variant: of, base })
    const peer = isMeasured(samples, node, name, 'session') ? beyond(samples, { node, case: name, variant: 'session', base }).us : undefined
    return [
      name,
      variants[of].title,
      variants[base].title,
      optional(most, (us) => `≤ ${us}`),
      ...[us, min, max].map(tenths),
      optional(peer, tenths),
    ]
  })
  return table(AIMS, rows)
}

const CASE = ['', 'user µs', 'min', 'max', 'system µs', 'beyond the base', 'requests/s', 'min', 'max', 'p50 ms', 'p99 ms', 'slow starts']

function caseTable(samples, node, name) {
  const { base } = cases[name]
  const rows = distinct(where(samples, { node, case: name }), 'variant').map((variant) => {
    const of = (key) => samplesOf(samples, { node, case: name, variant }, key)
    const [user, rate, slow] = [of('user'), of('rate'), of('isSlow').filter((isSlow) => isSlow !== undefined)]
    return [
      ...[variants[variant].title, ...[lowest(user), Math.min(...user), Math.max(...user), lowest(of('system'))].map(tenths)],
      variant === base ? '' : tenths(beyond(samples, { node, case: name, variant, base }).us),
      ...[highest(rate), Math.min(...rate), Math.max(...rate)].map(whole),
      ...['p50', 'p99'].map((key) => hundredths(median(of(key)) / 1000)),
      slow.length === 0 ? '' : `${slow.filter(Boolean).length} of ${slow.length}`,
    ]
  })
  return table(CASE, rows)
}

/** All cases on each Node. */
export function caseTables(samples) {
  const kinds = distinct(samples, 'node').flatMap((node) => distinct(where(samples, { node }), 'case').map((name) => [node, name]))
  return kinds.map(([node, name]) => `## ${cases[name].title} (Node ${node})\n\n${caseTable(samples, node, name)}`).join('\n\n')
}

const CHECK = ['user µs a request', 'this checkout', 'all starts', 'the base', 'all starts', 'difference']

/** This checkout beside another. */
export function checkTable(version, pairs) {
  const rows = pairs.map((pair) => {
    const users = pair.map(({ samples }) => samples.map(({ user }) => user))
    const [mine, base] = users.map(lowest)
    const [all, others] = users.map((each) => each.map(tenths).join(' '))
    return [pair[0].case, hundredths(mine), all, hundredths(base), others, hundredths(mine - base)]
  })
  return `Node ${version}; of all starts the mean of the two lowest\n\n${table(CHECK, rows)}`
}

const PROFILE = ['share', 'µs a request', '']
const profileTable = (rows) =>
  table(
    PROFILE,
    rows.map(({ name, share, us }) => [`${tenths(share * 100)} %`, hundredths(us), name]),
  )

/** Where the time of a case went. */
export const profileText = (name, { samples, kinds, functions, own }) => `${cases[name].title}: ${whole(samples)} samples

${profileTable(kinds)}

The package's own functions, with what they call in V8 and the kernel: ${tenths(own.share * 100)} %, ${hundredths(own.us)} µs a request

${profileTable(functions.slice(0, 30))}`
