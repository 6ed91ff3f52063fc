import t from 'tap'
import { type Facts, type Origin, type Plan, plan } from '../../lib/plan.ts'
import { fakeClock } from '../support/clock.ts'

const now = fakeClock()()
const MINUTE = 60_000
const IDLE = 20 * MINUTE
const flags = [true, false]

function facts(parts: Partial<Facts> = {}): Facts {
  return {
    ...{
      origin: 'stored',
      renewed: false,
      edited: false,
      storable: false,
      presented: true,
      deadline: now + 60 * MINUTE,
      cookieChanged: false,
      strayed: false,
    },
    ...{ touchable: undefined, idleTimeout: undefined, touchInterval: MINUTE },
    ...parts,
  }
}

/** What the design says of sessions that are not the store’s: whether there is something to store, whether a cookie came. */
const NOT_STORED: Readonly<
  Record<Exclude<Origin, 'stored'>, readonly [storable: Plan['step'], presented: Plan['step'], otherwise: Plan['step']]>
> = {
  none: ['create', 'nothing', 'nothing'],
  unknown: ['create', 'nothing', 'nothing'],
  broken: ['create', 'discard', 'discard'],
  ended: ['create', 'clear', 'nothing'],
}

t.test('a session that the store does not hold is created when there is something to store, and otherwise cleaned up after', async (t) => {
  for (const [origin, [create, presentedStep, otherwise]] of Object.entries(NOT_STORED) as [
    Exclude<Origin, 'stored'>,
    readonly Plan['step'][],
  ][])
    for (const storable of flags)
      for (const presented of flags)
        for (const renewed of flags)
          for (const edited of flags)
            for (const cookieChanged of flags)
              for (const deadline of [now - 1, now, now + 1])
                for (const touch of [{}, { touchable: now - 1, idleTimeout: IDLE }]) {
                  const given = facts({ origin, storable, presented, renewed, edited, cookieChanged, deadline, ...touch })
                  const wanted = storable ? create : presented ? presentedStep : otherwise
                  t.strictSame(plan(given, now), { step: wanted }, JSON.stringify(given))
                }
})

t.test('a stored session that was changed ends when its deadline passed, is renamed when renewed, and updated otherwise', async (t) => {
  for (const renewed of flags)
    for (const edited of flags)
      for (const cookieChanged of flags)
        for (const storable of flags)
          for (const presented of flags)
            for (const deadline of [0, now - 1, now, now + 1])
              for (const touch of [{}, { touchable: now - 1, idleTimeout: IDLE }]) {
                if (!renewed && !edited) continue
                const given = facts({ renewed, edited, cookieChanged, storable, presented, deadline, ...touch })
                const changed: Plan = renewed ? { step: 'rename' } : { step: 'update', cookie: cookieChanged }
                t.strictSame(plan(given, now), deadline <= now ? { step: 'end' } : changed, JSON.stringify(given))
              }
})

t.test('an unchanged session is touched when its expiry moves by the interval, or up to the deadline', async (t) => {
  const far = now + 600 * MINUTE
  const full = now + IDLE
  const table: readonly (readonly [string, Partial<Facts>, number | undefined])[] = [
    ['no idle timeout', { idleTimeout: undefined, touchable: now }, undefined],
    ['a route that does not touch', { touchable: undefined }, undefined],
    ['just saved', { touchable: full }, undefined],
    ['less than the interval ago', { touchable: full - MINUTE + 1 }, undefined],
    ['exactly the interval ago', { touchable: full - MINUTE }, full],
    ['more than the interval ago', { touchable: full - MINUTE - 1 }, full],
    ['in the last moment', { touchable: now + 1 }, full],
    ['an interval of 1 ms, 1 ms ago', { touchable: full - 1, touchInterval: 1 }, full],
    ['an interval of 1 ms, at once', { touchable: full, touchInterval: 1 }, undefined],
    ['the deadline comes first', { touchable: full - 5 * MINUTE, deadline: full - MINUTE }, full - MINUTE],
    [
      'the deadline is less than an interval away from the expiry',
      { touchable: full - MINUTE, deadline: full - MINUTE + 1 },
      full - MINUTE + 1,
    ],
    ['the expiry is the deadline already', { touchable: full - MINUTE, deadline: full - MINUTE }, undefined],
    ['the deadline is the new expiry', { touchable: full - MINUTE, deadline: full }, full],
    ['the store says later than the deadline', { touchable: full - MINUTE, deadline: full - 2 * MINUTE }, undefined],
    ['the clocks of two servers differ', { touchable: full + 5 * MINUTE }, undefined],
  ]
  for (const [name, parts, expiresAt] of table) {
    const given = facts({ idleTimeout: IDLE, deadline: far, ...parts })
    t.strictSame(plan(given, now), expiresAt === undefined ? { step: 'nothing' } : { step: 'touch', expiresAt }, name)
  }
})

t.test(
  'a session in use ends no earlier than idleTimeout less touchInterval after its last request, nor after its deadline, and is written once an interval',
  async (t) => {
    const clock = fakeClock()
    const deadline = now + 100 * MINUTE
    let touchable = now + IDLE
    let touches = 0
    while (clock() < deadline) {
      const todo = plan(facts({ idleTimeout: IDLE, deadline, touchable }), clock())
      if (todo.step === 'touch') {
        touches++
        t.ok(todo.expiresAt > touchable && todo.expiresAt <= deadline, 'a touch is later only')
        touchable = todo.expiresAt
      }
      if (touchable < Math.min(deadline, clock() + IDLE - MINUTE)) t.fail(`${(clock() - now) / 1000} s: ends too early`)
      clock.advance(7000)
    }
    t.equal(touchable, deadline, 'it reaches its deadline')
    t.ok(touches <= 82, `${touches} touches in 80 minutes`)
  },
)

t.test('a session with nothing to do costs no look at its payload', async (t) => {
  const costly = () => t.fail('the payload was read')
  for (const touchable of [now + IDLE, undefined]) {
    const given: Facts = Object.defineProperties(facts({ idleTimeout: IDLE, touchable }), {
      deadline: { get: costly },
      storable: { get: costly },
      cookieChanged: { get: costly },
    })
    t.strictSame(plan(given, now), { step: 'nothing' })
  }
})

t.test('a session that turns out to be unreadable when a touch is due is discarded', async (t) => {
  const given = { ...facts({ idleTimeout: IDLE, touchable: now + 1 }), origin: 'stored' as Origin }
  const reading: Facts = Object.defineProperty(given, 'deadline', {
    get() {
      given.origin = 'broken'
      return now + 60 * MINUTE
    },
  })
  t.strictSame(plan(reading, now), { step: 'discard' })
})

t.test('an unchanged session whose owner the store has wrong is mended, whether a touch is due or not', async (t) => {
  const full = now + IDLE
  for (const touch of [{}, { idleTimeout: IDLE, touchable: full }, { idleTimeout: IDLE, touchable: full - MINUTE }]) {
    t.strictSame(plan(facts({ strayed: true, ...touch }), now), { step: 'mend' })
  }
  t.strictSame(plan(facts({ strayed: true, edited: true }), now), { step: 'update', cookie: false }, 'a save tells the owner too')
  t.strictSame(plan(facts({ strayed: true, renewed: true }), now), { step: 'rename' })
})

t.test('a session that turns out unreadable when its owner is looked at is removed', async (t) => {
  let origin: Origin = 'stored'
  const given: Facts = Object.defineProperties(facts({ idleTimeout: IDLE, touchable: now }), {
    origin: { get: () => origin },
    strayed: {
      get: () => {
        origin = 'broken'
        return false
      },
    },
  })
  t.strictSame(plan(given, now), { step: 'discard' })
})
