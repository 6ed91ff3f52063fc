import { html } from 'ghtml'
import { accountOf } from '../guards.mjs'
import { document } from './document.mjs'
import { csrfField, time } from './parts.mjs'

/** @import { FastifyReply, FastifyRequest } from 'fastify' */

/**
 * What a page knows of whoever looks at it.
 * @typedef {object} View
 * @property {import('../accounts.mjs').Account | undefined} account Who is signed in.
 * @property {string} path The page's address.
 * @property {string} csrf The token for its forms.
 * @property {Readonly<Record<string, readonly string[]>>} messages Those of the last request, shown once.
 * @property {number} cartCount
 * @property {number} now
 * @property {number} endsAt When the session ends if nothing follows.
 *
 * @typedef {{ title: string, main: (view: View) => string }} Page The content of a page, as HTML.
 */

/** A page with its surroundings. @param {FastifyRequest} request @param {FastifyReply} reply @param {Page} page */
export async function render(request, reply, { title, main }) {
  const { session, server } = request
  // Both are values of the session. A token starts one, so each visitor who is shown a form has a session.
  const [csrf, messages] = [reply.generateCsrf(), reply.flash()]
  // Saves and prolongs now and not with the reply, so that the page can say when the session ends from here on.
  await session.commit()
  const cartCount = Object.values(session.get('cart', {})).reduce((sum, count) => sum + count, 0)
  const view = {
    account: accountOf(request),
    path: request.routeOptions.config.page ?? request.routeOptions.url ?? '/',
    csrf,
    messages,
    cartCount,
    now: server.demo.clock(),
    endsAt: session.expiresAt,
  }
  reply.type('text/html; charset=utf-8')
  return document(
    title,
    html`!${header(view)}
    <main id="main" tabindex="-1">
      !${notes(view)}
      <h1>${title}</h1>
      !${main(view)}
    </main>
    !${footer(view)}`,
  )
}

/** @param {View} view */
function header(view) {
  const { account, cartCount } = view
  const links = [
    ['/', 'Shop'],
    ['/cart', cartCount === 0 ? 'Cart' : `Cart (${cartCount})`],
    ...(account
      ? [
          ['/devices', 'Devices'],
          ['/account', 'Account'],
        ]
      : []),
    ...(account?.isOperator ? [['/operators', 'Operators']] : []),
  ]
  return html`<a class="skip" href="#main">Skip to the content</a>
    <header>
      <a class="brand" href="/"><img src="/icon.svg" alt="" width="28" height="28">Leaf</a>
      <nav aria-label="Pages">
        <ul>!${links.map(([href, text]) => html`<li><a href="${href}" !${href === view.path ? 'aria-current="page"' : ''}>${text}</a></li>`)}</ul>
      </nav>
      !${account ? signOut(view, account.name) : html`<a class="button quiet" href="/sign-in">Sign in</a>`}
    </header>`
}

/** @param {View} view @param {string} name */
const signOut = (view, name) => html`<form class="who" method="post" action="/sign-out">
    !${csrfField(view)}<span>${name}</span><button class="quiet">Sign out</button>
  </form>`

/** The flash messages. @param {View} view */
const notes = ({ messages }) =>
  Object.entries(messages)
    .flatMap(([kind, texts]) => texts.map((text) => html`<p class="note ${kind}" role="status">${text}</p>`))
    .join('')

/** When the session ends. Without the script the sentence has to do; with it a notice comes before the end. @param {View} view */
function footer({ account, path, now, endsAt }) {
  if (!account) return html`<footer><p>A demo of fastify-scs. Nothing is sold here.</p></footer>`
  return html`<footer>
      <p>If you do nothing, you are signed out at !${time(endsAt, now)}. <a href="${path}">Stay signed in</a></p>
    </footer>
    <section class="ending" data-left="${endsAt - now}" aria-label="The end of your session" hidden>
      <p role="alert"></p>
      <button type="button">Stay signed in</button>
    </section>`
}
