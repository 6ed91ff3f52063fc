import { once } from 'node:events'
import express from 'express'
import session from 'express-session'
import { SECRET } from '../cases.mjs'

/** Lean: by default it writes the store with every response. */
export async function listen(routes) {
  const app = express()
  app.disable('x-powered-by').disable('etag')
  app.use(session({ secret: SECRET, resave: false, saveUninitialized: false, cookie: { maxAge: 86_400_000 } }))
  for (const [method, path, answer] of routes) {
    app[method.toLowerCase()](path, async (request, reply) => {
      reply.type('text/plain').send(await answer(request))
    })
  }
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

export const read = (request, key) => request.session[key]
export const write = (request, key, value) => {
  request.session[key] = value
}
