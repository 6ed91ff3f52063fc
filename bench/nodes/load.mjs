import { cookieIn, requestBytes, Wire } from '../../test/support/wire.mjs'

const NOT_WRITTEN = 'FST_ERR_SCS_CONFLICT'

async function logIn(wire, user) {
  const reply = await wire.send(requestBytes('POST', `/login?user=${user}`))
  const cookie = cookieIn(reply)
  if (reply.status !== 200 || cookie === undefined) throw new Error(`the login of ${user}: ${reply.status} ${reply.body}`)
  return cookie
}

function tally(cookie, isWrite) {
  return { cookie, isWrite, bytes: requestBytes(isWrite ? 'POST' : 'GET', '/visits', cookie), statuses: {}, unknown: 0, took: [] }
}

/** Connections, spread evenly on the servers, each with a session of its own beside the one that all share. */
export async function openLanes(ports, count, isWrite) {
  const wires = await Promise.all(Array.from({ length: count }, (_, i) => Wire.open(ports[i % ports.length])))
  const shared = await logIn(wires[0], 'everybody')
  return {
    shared: shared.slice(shared.indexOf('=') + 1),
    lanes: await Promise.all(
      wires.map(async (wire, i) => ({
        ...{ wire, node: i % ports.length, early: 0 },
        ...{ own: tally(await logIn(wire, `user${i}`), isWrite), shared: tally(shared, isWrite) },
      })),
    ),
  }
}

/** Each connection sends one request after the other; `share` of them go to the session that all share. Returns the seconds that it took. */
export async function drive(lanes, share, seconds) {
  const start = performance.now()
  const end = start + seconds * 1000
  await Promise.all(lanes.map((lane) => driveLane(lane, share, end)))
  return (performance.now() - start) / 1000
}

async function driveLane(lane, share, end) {
  for (let now = performance.now(); now < end; ) {
    const kind = Math.random() < share ? lane.shared : lane.own
    const reply = await lane.wire.send(kind.bytes)
    const after = performance.now()
    kind.took.push(after - now)
    kind.statuses[reply.status] = (kind.statuses[reply.status] ?? 0) + 1
    if (reply.status === 503 && !reply.body.includes(NOT_WRITTEN)) kind.unknown++
    if (after < end) lane.early++
    now = after
  }
}

/**
 * Throws unless each counter is what was answered with 200. Only a 503 that does not say that nothing was written may have been counted or not;
 * there is none in a run without faults.
 */
export async function checkCounters(lanes) {
  const shared = { wire: lanes[0].wire, kinds: lanes.map((lane) => lane.shared) }
  for (const { wire, kinds } of [shared, ...lanes.map((lane) => ({ wire: lane.wire, kinds: [lane.own] }))]) {
    const { status, body } = await wire.send(requestBytes('GET', '/visits', kinds[0].cookie))
    const counted = kinds.reduce((sum, { isWrite, statuses }) => sum + (isWrite ? (statuses[200] ?? 0) : 0), 0)
    const unknown = kinds.reduce((sum, kind) => sum + kind.unknown, 0)
    const value = Number(body)
    if (status !== 200 || !(value >= counted && value <= counted + unknown))
      throw new Error(`a session counted ${body}, and ${counted} writes were answered with 200, ${unknown} with an unknown outcome`)
  }
}

export function closeLanes(lanes) {
  for (const { wire } of lanes) wire.close()
}
