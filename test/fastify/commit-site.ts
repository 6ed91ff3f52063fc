import type { RouteHandlerMethod } from 'fastify'
import { makeApp, type TestApp } from '../support/app.ts'
import { SpyStore } from '../support/spy-store.ts'

/** An application with one route, on a store that answers at once or later. */
export async function siteOf(mode: 'sync' | 'async', handler: RouteHandlerMethod): Promise<TestApp & { readonly store: SpyStore }> {
  const store = new SpyStore(mode)
  return { ...(await makeApp({ store }, (app) => void app.get('/', handler))), store }
}

/** What the store has for a token. */
export async function read(app: TestApp['app'], token = '') {
  return (await app.sessions.find(token))?.data()
}
