import { html } from 'ghtml'
import { csrfField, time } from './parts.mjs'

/** @typedef {import('fastify-scs').ListedSession} Listed */

const BROWSERS = /** @type {const} */ ([
  ['Edg/', 'Edge'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
])
const SYSTEMS = /** @type {const} */ ([
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Mac OS', 'macOS'],
  ['Windows', 'Windows'],
  ['Linux', 'Linux'],
])

/** A name that a person recognizes, and no more than a guess: a client can say what it likes. @param {unknown} userAgent */
export function deviceName(userAgent) {
  const text = String(userAgent)
  const [browser, system] = [BROWSERS, SYSTEMS].map((names) => names.find(([sign]) => text.includes(sign))?.[1])
  return system === undefined ? (browser ?? 'A device') : `${browser ?? 'A browser'} on ${system}`
}

/**
 * @param {readonly Listed[]} sessions
 * @returns {import('./layout.mjs').Page}
 */
export const devicesPage = (sessions) => ({
  title: 'Your devices',
  main: (view) => html`
    <p class="lead">Where you are signed in: at most three devices. A fourth sign-in ends the oldest.</p>
    <ul class="rows card">!${[...sessions].sort(byUse).map((session) => device(view, session))}</ul>
    !${sessions.length < 2 ? '' : others(view)}`,
})

/** This device first, then the one that was used last. @param {Listed} one @param {Listed} other */
const byUse = (one, other) => Number(other.isCurrent) - Number(one.isCurrent) || (other.lastSeenAt ?? 0) - (one.lastSeenAt ?? 0)

/** @param {import('./layout.mjs').View} view @param {Listed} session */
function device(view, { id, client, createdAt, lastSeenAt, isCurrent, isRemembered }) {
  const name = deviceName(client?.['userAgent'])
  return html`<li>
    <div>
      <strong>${name}</strong>
      !${isCurrent ? html`<span class="tag">this device</span>` : ''}!${isRemembered ? html`<span class="tag plain">stays signed in</span>` : ''}
      <span class="dim">${client?.['address'] ?? 'unknown address'}!${createdAt === undefined ? '' : html` · since !${time(createdAt, view.now)}`}!${
        lastSeenAt === undefined || isCurrent ? '' : html` · last seen !${time(lastSeenAt, view.now)}`
      }</span>
    </div>
    !${
      isCurrent
        ? ''
        : html`<form method="post" action="/devices/sign-out">
            !${csrfField(view)}
            <input type="hidden" name="id" value="${id}">
            <button class="quiet" aria-label="Sign out ${name}">Sign out</button>
          </form>`
    }
  </li>`
}

/** @param {import('./layout.mjs').View} view */
const others = (view) => html`<form method="post" action="/devices/sign-out-others">
    !${csrfField(view)}<button>Sign out all other devices</button>
  </form>`
