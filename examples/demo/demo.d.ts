import type { Static } from 'typebox'
import type { Accounts } from './accounts.mjs'
import type { Events } from './events.mjs'
import type { SessionSchema } from './session.mjs'

declare module 'fastify-scs' {
  interface SessionData extends Static<typeof SessionSchema> {}
}

declare module 'fastify' {
  interface FastifyInstance {
    /** What the routes of the demo share. */
    demo: { readonly accounts: Accounts; readonly events: Events; readonly clock: () => number }
  }
  interface FastifyContextConfig {
    /** The page that has the form that is sent to this route: where to go when the form could not be accepted. */
    page?: string
  }
}
