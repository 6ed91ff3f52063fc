import type { ListedSession } from '../../index.ts'
import { fc } from '../support/fc.ts'
import { conclude } from './conclude.ts'
import { type Values, visible } from './content.ts'
import { CLIENTS, type Client, type Listed, Refused } from './model.ts'
import type { Real } from './real.ts'
import { ModelRequest } from './request.ts'
import { type Step, untilLast } from './step.ts'
import { jobSteps } from './steps.ts'
import { key, OWNER, owner, text, value } from './values.ts'
import type { Action } from './visit.ts'

type Actions = fc.Arbitrary<Action>

const client: fc.Arbitrary<Client> = fc.constantFrom(...CLIENTS)

/** What the application does without a request: the manager's side of the model. */

const values: fc.Arbitrary<Values> = fc
  .tuple(fc.dictionary(key, value, { maxKeys: 2, noNullPrototype: true }), fc.option(owner, { nil: undefined }))
  .map(([values, owner]) => (owner === undefined ? values : { ...values, [OWNER]: owner }))

/** A session is made, and a client has its cookie. */
const create: Actions = fc.tuple(client, values).map(([client, values]) => ({
  foresee(model) {
    try {
      const { token, expiresAt } = model.create(values)
      model.jars.set(client, token)
      return { token, expiresAt }
    } catch (error) {
      if (error instanceof Refused) return error.code
      throw error
    }
  },
  async perform(real) {
    try {
      const { token, cookie, id, expiresAt } = await real.sessions.create(structuredClone(values))
      real.jars.set(client, String(cookie['session']))
      const name = real.learn(token)
      return { token: real.jars.get(client) === token && real.nameOfId(id) === name ? name : 'not what the cookie says', expiresAt }
    } catch (error) {
      return (error as { code?: string }).code
    }
  },
  toString: () => `create(${text(values)}) for ${client}`,
}))

/** A session is found by a client's token, edited and saved. */
const find: Actions = fc.tuple(client, fc.array(jobSteps, { maxLength: 3 }).map(untilLast)).map(([client, steps]) => ({
  foresee(model) {
    const cookie = model.jars.get(client)
    const request = new ModelRequest(model, cookie, false, false)
    return request.mine === undefined ? undefined : editInModel(request, steps)
  },
  async perform(real) {
    const session = await real.sessions.find(real.jars.get(client) ?? '')
    if (session === undefined) return undefined
    const given: unknown[] = []
    try {
      for (const step of steps) given.push(await step.real(session, real))
    } catch (error) {
      // Calls may be under way, which no reply waits for here: this one comes after them, and saves nothing.
      await session.reload().catch(() => {})
      return (error as { code?: string }).code
    }
    await session.commit()
    return given
  },
  toString: () => `find(${client}) { ${steps.map(({ says }) => says).join('; ')} }`,
}))

function editInModel(request: ModelRequest, steps: readonly Step[]): unknown {
  try {
    const given = steps.map((step) => step.model(request))
    conclude(request)
    return given
  } catch (error) {
    if (error instanceof Refused) return error.code
    throw error
  }
}

/** A session is ended by its handle, as its owner's or whoever's. */
const end: Actions = fc.tuple(client, fc.option(owner, { nil: undefined })).map(([client, owner]) => ({
  foresee(model) {
    const token = model.jars.get(client)
    const found = model.list(owner === undefined ? undefined : String(owner)).find((each) => each.token === token)
    return found !== undefined && model.sessions.delete(found.token)
  },
  perform: (real) => real.sessions.destroy(real.idOf(client), owner === undefined ? {} : { owner }),
  toString: () => `destroy(the id of ${client}${owner === undefined ? '' : `, ${text({ owner })}`})`,
}))

const endOwned: Actions = owner.map((owner) => ({
  foresee: (model) => model.endOwnedBy(String(owner)),
  perform: (real) => real.sessions.destroyOwnedBy(owner),
  toString: () => `destroyOwnedBy(${text(owner)})`,
}))

const list: Actions = fc.option(owner, { nil: undefined }).map((owner) => ({
  foresee: (model) => [model.sessions.size, ...model.list(owner === undefined ? undefined : String(owner))],
  async perform(real) {
    const listing = owner === undefined ? real.sessions.all() : real.sessions.ownedBy(owner)
    return [await real.sessions.count(), ...(await listed(real, listing))]
  },
  toString: () => (owner === undefined ? 'count() and all()' : `count() and ownedBy(${text(owner)})`),
}))

async function listed(real: Real, sessions: AsyncIterable<ListedSession>): Promise<Listed[]> {
  const all: Listed[] = []
  for await (const { id, owner, values, deadline, expiresAt } of sessions)
    all.push({ token: real.nameOfId(id), owner, values: visible(values), deadline: deadline.getTime(), expiresAt })
  return all.sort((a, b) => (a.token < b.token ? -1 : 1))
}

/** What has expired is cleaned up, which nobody can see. */
const clean: Actions = fc.constant({
  foresee: () => 'cleaned',
  perform: async ({ subject }: Real) => (Number(await subject.store.deleteExpired(1000)) >= 0 ? 'cleaned' : 'not'),
  toString: () => 'deleteExpired(1000)',
})

/** What an application does that can be done while a request is under way. */
export const management: Actions = fc.oneof(
  { weight: 3, arbitrary: create },
  { weight: 2, arbitrary: find },
  { weight: 1, arbitrary: end },
  { weight: 1, arbitrary: endOwned },
  { weight: 2, arbitrary: list },
  { weight: 1, arbitrary: clean },
)
