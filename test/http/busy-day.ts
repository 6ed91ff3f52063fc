import { hashToken } from '../../lib/token.ts'
import { cookieOf, type LogLine } from '../support/app.ts'
import { holdIn, type Reply, type Site, startSite } from './steps.ts'

/** Writes down every argument of every call that reaches the store itself. */
function overhear(site: Site): string[] {
  const { inner } = site.store
  const heard: string[] = []
  for (const verb of ['find', 'create', 'update', 'rename', 'touch', 'delete', 'deleteOwnedBy'] as const) {
    const work = inner[verb].bind(inner) as (...args: unknown[]) => unknown
    const listen = (...args: unknown[]) => {
      heard.push(JSON.stringify(args, (_key, part) => (part?.type === 'Buffer' ? Buffer.from(part.data).toString('latin1') : part)))
      return work(...args)
    }
    Object.assign(inner, { [verb]: listen })
  }
  return heard
}

interface Story {
  readonly site: Site
  readonly tokens: string[]
  readonly errors: unknown[]
  readonly replies: Reply[]
  readonly lines: LogLine[]
  /** What the store heard. */
  readonly heard: string[]
}

/** Logins, logouts, failures of the store and of the handler, conflicts, renewals, broken records: a busy day. */
export async function busyDay(hashes: boolean): Promise<Story> {
  const site = await startSite({ hashToken: hashes, owner: 'user', idleTimeout: '20m', storeTimeout: '5s' })
  const heard = overhear(site)
  const tokens: string[] = []
  const errors: unknown[] = []
  const replies: Reply[] = []
  site.app.addHook('onError', (_request, _reply, error, done) => {
    errors.push(error)
    done()
  })
  const note = async (sent: Promise<Reply>) => {
    const reply = await sent
    replies.push(reply)
    const token = cookieOf(reply)
    if (token !== undefined && token !== '') tokens.push(token)
    return token ?? ''
  }
  const first = await note(site.post(undefined, (session) => session.put('cart', 'pen')))
  const late = holdIn((session) => session.put('late', 1))
  const superseded = site.post(first, late.handler)
  const lateGet = holdIn((session) => session.put('late', 1))
  const dropped = site.get(first, lateGet.handler)
  await Promise.all([late.held.reached, lateGet.held.reached])
  const user = await note(
    site.post(first, (session, request) => {
      session.renewToken()
      session.put('user', 'ann')
      request.log.info({ session, nested: { session } }, 'logged in')
      request.log.trace({ request: request.id, sessions: site.app.sessions }, 'the manager')
    }),
  )
  late.held.release()
  lateGet.held.release()
  await note(superseded)
  await note(dropped)
  for (const verb of ['find', 'update', 'rename', 'touch', 'delete', 'create'] as const) {
    for (const fault of ['before', 'after'] as const) {
      site.clock.advance(120_000)
      const token = await site.start({ user: 'bob' })
      tokens.push(token)
      site.store.fail(verb, fault)
      await note(
        site.post(verb === 'create' ? undefined : token, async (session, request) => {
          if (verb === 'rename') session.renewToken()
          if (verb === 'create' || verb === 'update') session.put('a', 1)
          if (verb === 'delete') await session.destroy().catch((error: unknown) => errors.push(error))
          request.log.warn({ err: new Error('in the handler'), session }, String(session))
        }),
      )
    }
  }
  await site.post(user, (session) => {
    for (const bad of [() => session.put('__x', 1), () => session.put('f', () => 1), () => session.setDeadline(new Date(Number.NaN))]) {
      try {
        bad()
      } catch (error) {
        errors.push(error)
      }
    }
    throw new Error('the handler fails')
  })
  await note(site.send('GET', undefined, () => ({}), { cookie: `session=${user}; session=${await site.start({ user: 'eve' })}` }))
  await site.store.inner.create(hashes ? hashToken('B'.repeat(43)) : 'B'.repeat(43), {
    data: Buffer.from('{'),
    expiresAt: site.clock() + 1000,
  })
  tokens.push('B'.repeat(43))
  await note(site.get('B'.repeat(43)))
  site.store.fail('find', 'before')
  await site.app.sessions.find(user).catch((error: unknown) => errors.push(error))
  site.store.inner.update = () => {
    site.clock.advance(2000)
    return false
  }
  await note(site.post(user, (session) => session.put('a', 1)))
  return { site, tokens, errors, replies, lines: site.lines, heard }
}
