import { asking } from './next.mjs'

/** @import { FastifyReply, FastifyRequest } from 'fastify' */

/** The account that is signed in. @param {FastifyRequest} request */
export const accountOf = (request) => request.server.demo.accounts.find(request.session.get('userId'))

/** The account that is signed in, behind `requireAccount`. @param {FastifyRequest} request */
export function mustAccountOf(request) {
  const account = accountOf(request)
  if (account === undefined) throw new Error('this route needs the hook requireAccount')
  return account
}

/** A hook: whoever is not signed in is asked to. @param {FastifyRequest} request @param {FastifyReply} reply */
export async function requireAccount(request, reply) {
  if (accountOf(request) === undefined) return askToSignIn(request, reply)
}

/** A hook: others than operators get 403. @param {FastifyRequest} request */
export async function requireOperator(request) {
  if (!accountOf(request)?.isOperator) throw Object.assign(new Error('for operators'), { statusCode: 403, code: 'DEMO_OPERATORS' })
}

const SESSION_COOKIE = /(?:^|; )session=/
const ENDED = 'Your session has ended. Please sign in again.'

/** @param {FastifyRequest} request @param {FastifyReply} reply */
export function askToSignIn(request, reply) {
  // A cookie without a session: it was idle for too long, or was ended elsewhere. Without a cookie there is no message: another site's form comes
  // without one, and a message would start a session whose cookie replaces that of whoever is signed in.
  if (request.session.isNew && SESSION_COOKIE.test(request.headers.cookie ?? ''))
    request.flash('notice', request.method === 'POST' ? `${ENDED} Nothing was changed.` : ENDED)
  return reply.redirect(asking('/sign-in', request.routeOptions.config.page ?? request.routeOptions.url), 303)
}
