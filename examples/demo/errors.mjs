import { accountOf, askToSignIn } from './guards.mjs'
import { asking } from './next.mjs'
import { problem } from './pages/problem.mjs'

/** @import { FastifyError, FastifyReply, FastifyRequest } from 'fastify' */

/**
 * What a person sees when a request fails. The library's errors come here too, those of a save by the option `errorReply`.
 * @param {FastifyError} error @param {FastifyRequest} request @param {FastifyReply} reply
 */
export function onError(error, request, reply) {
  const { url = '/', config } = request.routeOptions
  const page = config.page ?? (request.method === 'GET' ? url : '/')
  switch (error.code) {
    case 'FST_ERR_SCS_NOT_FRESH':
      return reply.redirect(asking('/confirm', page), 303)
    case 'FST_ERR_SCS_SUPERSEDED':
      return lookAgain(request, reply, page)
    case 'FST_CSRF_MISSING_SECRET':
    case 'FST_CSRF_INVALID_TOKEN':
      // The session ended while the form was open. For whoever is signed in, the form is from an earlier session or from another site.
      if (accountOf(request) === undefined) return askToSignIn(request, reply)
      return send(reply, 403, 'This form is too old', 'It was made for an earlier session, so nothing was changed.', page)
    case 'DEMO_OPERATORS':
      return send(reply, 403, 'For operators', 'This page is for operators. Sign in as one of them to see it.', '/')
    default:
      return sendOther(error, request, reply, page)
  }
}

/**
 * Another request ended or renewed the session meanwhile, one of another tab for example. The page shows how things are now.
 * @param {FastifyRequest} request @param {FastifyReply} reply @param {string} page
 */
function lookAgain(request, reply, page) {
  const isAgain = 'again' in /** @type {object} */ (request.query)
  // The browser still has the old cookie: the reply with the new one never arrived. Without it, the sign-in begins anew.
  if (isAgain) reply.header('set-cookie', 'session=; Path=/; Max-Age=0')
  return reply.redirect(isAgain ? page : `${page}?again`, 303)
}

/** @param {FastifyError} error @param {FastifyRequest} request @param {FastifyReply} reply @param {string} page */
function sendOther(error, request, reply, page) {
  const status = error.statusCode ?? 500
  if (status >= 500) request.log.error(error)
  if (status === 503) return send(reply, 503, 'Please try again', 'The sessions cannot be reached just now. You are still signed in.', page)
  if (status >= 500) return send(reply, 500, 'That is our fault', 'Something went wrong here, and nothing was changed.', page)
  return send(reply, status, 'That did not work', 'The form was not filled in as expected, so nothing was changed.', page)
}

/** @param {FastifyReply} reply @param {number} status @param {string} title @param {string} text @param {string} page */
function send(reply, status, title, text, page) {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .send(problem(title, text, page))
}

/** @param {FastifyRequest} _request @param {FastifyReply} reply */
export function onNotFound(_request, reply) {
  return send(reply, 404, 'No such page', 'There is nothing at this address.', '/')
}
