import t from 'tap'
import { type Facts, type Plan, plan, type StateKind } from '../../lib/plan.ts'
import { fakeClock } from '../support/clock.ts'

const now = fakeClock()()
const MINUTE = 60_000
const IDLE = 20 * MINUTE
const flags = [true, false]

const UNCHANGED: Facts = {
  ...{
    state: 'stored',
    isRead: true,
    isRenewed: false,
    isEdited: false,
    hasValues: false,
    hasCookie: true,
    cookie: 'none',
    owner: 'right',
  },
  ...{ deadline: now + 60 * MINUTE, expiresAt: undefined, idleTimeout: undefined, touchInterval: MINUTE },
}

const facts = (parts: Partial<Facts>): Facts => Object.freeze({ ...UNCHANGED, ...parts })

/** Every combination of what a fact may be. */
function* combinations(): Generator<Facts> {
  for (const state of ['none', 'unknown', 'stored', 'broken', 'ended'] as const)
    for (const [isRead, isRenewed, isEdited] of triples())
      for (const [hasValues, hasCookie] of [...flags, ...flags].map((a, i) => [a, i < 2] as const))
        for (const cookie of ['changed', 'due', 'asked', 'rolling', 'none'] as const)
          for (const owner of ['right', 'wrong', 'unread'] as const)
            for (const deadline of [now - 1, now, now + 1, now + 60 * MINUTE, Number.POSITIVE_INFINITY])
              for (const touch of [{}, { expiresAt: now + 1, idleTimeout: IDLE }, { expiresAt: now + IDLE, idleTimeout: IDLE }])
                yield facts({ state, isRead, isRenewed, isEdited, hasValues, hasCookie, cookie, owner, deadline, ...touch })
}

const triples = () => Array.from({ length: 8 }, (_, i) => [(i & 1) === 0, (i & 2) === 0, (i & 4) === 0] as const)

/** What the design says, as a table: the first line whose condition holds. */
const TABLE: readonly (readonly [(facts: Facts) => boolean, (facts: Facts) => Plan])[] = [
  [(f) => f.state !== 'stored' && f.hasValues, () => ({ step: 'create' })],
  [(f) => f.state === 'broken', () => ({ step: 'discard' })],
  [(f) => f.state === 'ended' && f.hasCookie, () => ({ step: 'clear' })],
  [(f) => f.state !== 'stored', () => ({ step: 'nothing' })],
  [(f) => isChanged(f) && f.deadline <= now, () => ({ step: 'end' })],
  [(f) => f.isRenewed, () => ({ step: 'rename' })],
  [(f) => f.isEdited, (f) => ({ step: 'update', cookie: f.cookie !== 'none' })],
  [(f) => !f.isRead && (f.owner === 'unread' || f.cookie === 'asked' || isTouchDue(f)), () => ({ step: 'read' })],
  [(f) => !f.isRead, () => ({ step: 'nothing' })],
  [(f) => f.cookie === 'due', () => ({ step: 'update', cookie: true })],
  [(f) => f.owner === 'wrong', (f) => ({ step: 'writeOwner', cookie: f.cookie !== 'none' })],
  [isTouchDue, (f) => ({ step: 'touch', expiresAt: Math.min(f.deadline, now + IDLE), cookie: f.cookie !== 'none' })],
  [(f) => f.cookie === 'asked', () => ({ step: 'send' })],
  [() => true, () => ({ step: 'nothing' })],
]

const isChanged = ({ isRenewed, isEdited }: Facts) => isRenewed || isEdited

function isTouchDue({ expiresAt, deadline }: Facts): boolean {
  return expiresAt !== undefined && now + IDLE - expiresAt >= MINUTE && Math.min(deadline, now + IDLE) > expiresAt
}

t.test('every combination of facts, frozen, has the plan that the table says', async (t) => {
  const steps = new Set<Plan['step']>()
  let count = 0
  for (const given of combinations()) {
    const [, wanted] = TABLE.find(([holds]) => holds(given)) ?? []
    const made = plan(given, now)
    steps.add(made.step)
    count++
    if (JSON.stringify(made) !== JSON.stringify(wanted?.(given))) t.strictSame(made, wanted?.(given), JSON.stringify(given))
  }
  t.equal(count, 5 * 8 * 4 * 5 * 3 * 5 * 3)
  t.equal(steps.size, 11, 'each step is somewhere in it')
})

t.test('a state without a case is no plan', async (t) => {
  const kinds: Record<StateKind, Plan['step']> = {
    none: 'nothing',
    unknown: 'nothing',
    stored: 'nothing',
    broken: 'discard',
    ended: 'clear',
  }
  for (const [state, step] of Object.entries(kinds) as [StateKind, Plan['step']][]) t.equal(plan(facts({ state }), now).step, step)
})

t.test('an unchanged session is touched when its expiry moves by the interval, or up to the deadline', async (t) => {
  const far = now + 600 * MINUTE
  const full = now + IDLE
  const table: readonly (readonly [string, Partial<Facts>, number | undefined])[] = [
    ['no idle timeout', { idleTimeout: undefined, expiresAt: now }, undefined],
    ['a route that does not touch', { expiresAt: undefined }, undefined],
    ['just saved', { expiresAt: full }, undefined],
    ['less than the interval ago', { expiresAt: full - MINUTE + 1 }, undefined],
    ['exactly the interval ago', { expiresAt: full - MINUTE }, full],
    ['more than the interval ago', { expiresAt: full - MINUTE - 1 }, full],
    ['in the last moment', { expiresAt: now + 1 }, full],
    ['without an end', { expiresAt: 0 }, full],
    ['at the deadline', { expiresAt: now + 5 * MINUTE, deadline: now + 5 * MINUTE }, undefined],
    ['up to the deadline', { expiresAt: now + 5 * MINUTE, deadline: now + 5 * MINUTE + 1 }, now + 5 * MINUTE + 1],
    ['beyond the deadline', { expiresAt: now + 10 * MINUTE, deadline: now + 5 * MINUTE }, undefined],
    ['an interval of nothing', { expiresAt: full - 1, touchInterval: 0 }, full],
  ]
  for (const [name, parts, expiresAt] of table) {
    const given = facts({ deadline: far, idleTimeout: IDLE, expiresAt: now, ...parts })
    t.strictSame(plan(given, now), expiresAt === undefined ? { step: 'nothing' } : { step: 'touch', expiresAt, cookie: false }, name)
  }
})

t.test(
  'a session in use ends no earlier than idleTimeout less touchInterval after its last request, nor after its deadline, and is written once an interval',
  async (t) => {
    const clock = fakeClock()
    const deadline = now + 100 * MINUTE
    let expiresAt = now + IDLE
    let touches = 0
    while (clock() < deadline) {
      const todo = plan(facts({ idleTimeout: IDLE, deadline, expiresAt }), clock())
      if (todo.step === 'touch') {
        touches++
        t.ok(todo.expiresAt > expiresAt && todo.expiresAt <= deadline, 'a touch is later only')
        expiresAt = todo.expiresAt
      }
      if (expiresAt < Math.min(deadline, clock() + IDLE - MINUTE)) t.fail(`${(clock() - now) / 1000} s: ends too early`)
      clock.advance(7000)
    }
    t.equal(expiresAt, deadline, 'it reaches its deadline')
    t.ok(touches <= 82, `${touches} touches in 80 minutes`)
  },
)
