import { table } from '../../test/support/markdown.mjs'

const whole = (number) => (number === undefined ? 'not possible' : Math.round(number).toLocaleString('en-US'))
const tenth = (number) => number.toFixed(1)

function httpTable(http) {
  const head = ['', 'request', 'of that the cookie', 'reply', 'of that headers beyond bare']
  const cells = ({ sent, cookie, received, beyond }) => [sent, cookie, received, beyond].map(whole)
  const title = (name) => (name === 'bare' ? 'Fastify alone' : name)
  const rows = http[0].kinds.flatMap(({ kind }, i) => http.map(({ name, kinds }) => [`${kind}: ${title(name)}`, ...cells(kinds[i])]))
  return table(head, rows)
}

function lineList(http) {
  const said = ({ name, kinds }) =>
    kinds
      .filter(({ lines }) => lines.length > 0)
      .map(({ kind, lines }) => `- ${name}, ${kind}: ${lines.map((line) => `\`${line}\``).join(' ')}`)
  return http.flatMap(said).join('\n')
}

function payloadTable(payloads) {
  const names = Object.keys(payloads[0].sizes)
  return table(
    ['', ...names],
    payloads.map(({ session, sizes }) => [session, ...names.map((name) => whole(sizes[name]))]),
  )
}

function trafficTable(traffic) {
  const kinds = traffic[0].kinds.map(({ kind }) => kind)
  const cell = ({ sent, received }) => `${whole(sent)} + ${whole(received)}`
  return table(
    ['', ...kinds],
    traffic.map(({ store, options, kinds: seen }) => [`${store}, ${options}`, ...seen.map(cell)]),
  )
}

const packageList = ({ packages }) => packages.map(({ name, bytes }) => `${name} ${whole(bytes)}`).join(', ')

function installTable({ installs }) {
  const rows = installs.map(({ name, bytes, beyondFastify, packages }) => [
    name,
    ...[packages.length, bytes].map(whole),
    name === 'fastify' ? '' : whole(beyondFastify),
  ])
  return table(['', 'packages', 'bytes', 'bytes that Fastify does not bring'], rows)
}

function importTable(imports) {
  const rows = imports.map(({ name, median, min, max, modules, packages }) => [
    name,
    ...[median, min, max].map(tenth),
    whole(modules),
    whole(packages.length),
  ])
  return table(['', 'ms, median', 'min', 'max', 'files', 'packages'], rows)
}

export function markdown(report) {
  const { http, payloads, traffic, packages, imports, times, node, cpu, date, command, versions } = report
  const { packed } = packages
  const own = imports.find(({ name }) => name === 'fastify-scs')
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `# What it weighs

## Bytes of a request

Counted on a connection whose client sends nothing that HTTP does not ask for; whole requests and replies, with the bodies. "Beyond bare" are the reply's headers
that bare Fastify does not send.

${httpTable(http)}

What the replies say beyond bare ones, without the tokens:

${lineList(http)}

## Bytes of a payload

What the store is given, without key, expiry and owner; \`JSON.stringify\` is that of the values alone, and what a store of @fastify/session keeps is its session as
JSON, in which the cookie's attributes are. "Not possible": the value is refused (\`JSON.stringify\` has no bigint; JSON makes \`{}\` of a Map). What a
session takes in each store, with keys and indexes: [sizes.md](sizes.md).

${payloadTable(payloads)}

## Bytes between application and database

Sent and received for one request, counted by a proxy on a connection that knows scripts and statements; a session of five keys. TCP and IP add 40 bytes and more to each packet.

${trafficTable(traffic)}

## Bytes of the package

Packed ${whole(packed.size)} bytes, unpacked ${whole(packed.unpackedSize)} in ${packed.files} files (with type declarations). Installed with what it needs to run, without peers:

${installTable(packages)}

${packages.installs
  .filter(({ name }) => name !== 'fastify')
  .map((each) => `- ${each.name}: ${packageList(each)}`)
  .join('\n')}

## Time of an import

Measured inside of ${times} processes each, which took turns; the files were in memory.

${importTable(imports)}

The entry of fastify-scs loads ${own.packages.join(', ')}: no driver, no typebox (\`node scripts/package.mjs\` checks that).

Node ${node}, ${cpu}, ${date.slice(0, 10)}; ${list.join(', ')}. \`${command}\`
`
}
