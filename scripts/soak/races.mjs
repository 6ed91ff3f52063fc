const COUNTS = 3
const always = () => true

/** What the devices of a user do at the same time with one session. */
export const races = {
  async countAtOnce(user, device) {
    if (!device.livesFor(1000)) return
    const replies = await Promise.all(Array.from({ length: COUNTS }, () => user.send(device, 'POST', '/count')))
    settleCounts(user, device, replies)
    if (!device.inDoubt) await user.look(device)
  },

  /** What was counted before the renewal is in the renewed session; what comes after is told so. */
  async renewAmongCounts(user, device) {
    if (!device.livesFor(1000)) return
    const counting = Array.from({ length: COUNTS }, () => user.send(device, 'POST', '/count', { raced: always }))
    const [renewal, ...replies] = await Promise.all([user.send(device, 'POST', '/renew'), ...counting])
    settleCounts(user, device, replies)
    if (renewal.status !== 200) {
      device.mayBeGone = true
      return user.unsure(device, renewal)
    }
    user.moved(device, renewal)
    if (!device.inDoubt) await user.look(device)
  },

  /** Log-out wins. */
  async logoutAmongCounts(user, device) {
    const counting = Array.from({ length: COUNTS }, () => user.send(device, 'POST', '/count', { raced: always }))
    const [reply] = await Promise.all([user.send(device, 'POST', '/logout'), ...counting])
    const { token } = device
    user.lose(device, reply.status === 200)
    if (reply.status === 200) await user.crowd.graves.check(token)
  },
}

/** Counts that were sent at the same time: each that was answered counts once. */
function settleCounts(user, device, replies) {
  const done = replies.filter(({ status, body }) => status === 200 && body.visitor !== undefined)
  for (const { body } of done)
    if (body.visitor !== device.known.visitor) user.complain(`${device.known.visitor} was shown the session of ${body.visitor}`)
  if (done.length > 0) device.known.count = (device.known.count ?? 0) + done.length
  for (const reply of replies) {
    if (reply.status === 200) continue
    device.maybeUsed(reply)
    if (reply.status === 409) continue
    device.doubt('count')
    user.unsure(device, reply)
  }
}
