import { readFileSync } from 'node:fs'

const TYPES = { 'style.css': 'text/css', 'page.js': 'text/javascript', 'icon.svg': 'image/svg+xml' }

/** The style, the script and the icon: without a session, so that a cache may keep them. @param {import('fastify').FastifyInstance} app */
export async function assets(app) {
  for (const [name, type] of Object.entries(TYPES)) {
    const text = readFileSync(new URL(`../public/${name}`, import.meta.url), 'utf8')
    app.get(`/${name}`, { config: { session: false } }, (_request, reply) =>
      reply.type(`${type}; charset=utf-8`).header('cache-control', 'public, max-age=300').send(text),
    )
  }
}
