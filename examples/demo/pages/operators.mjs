import { html } from 'ghtml'

/**
 * @typedef {import('../events.mjs').SessionEvent} SessionEvent
 * @typedef {object} Figures
 * @property {number} sessions How many live in the store.
 * @property {Readonly<Record<SessionEvent['event'], number>>} counts Since this process began.
 * @property {readonly SessionEvent[]} last
 */

/** @param {Figures} figures @returns {import('./layout.mjs').Page} */
export const operatorsPage = (figures) => ({
  title: 'Sessions',
  main: () => html`
    <p class="lead">What this process has seen since it began. Brought up to date every five seconds, without JavaScript by <a href="/operators">reloading</a>.</p>
    <div data-live="/operators/live">!${countsAndEvents(figures)}</div>`,
})

/** The part that changes. @param {Figures} figures */
export const countsAndEvents = ({ sessions, counts, last }) => html`
  <dl class="counts">
    !${[
      ['Alive now', sessions],
      ['Created', counts.created],
      ['Renewed', counts.renewed],
      ['Ended', counts.ended],
      ['Refused', counts.refused],
    ].map(([label, count]) => html`<div class="card"><dt>${label}</dt><dd>${count}</dd></div>`)}
  </dl>
  <h2>Last events</h2>
  !${last.length === 0 ? html`<p class="card">None yet.</p>` : table(last)}`

/** @param {readonly SessionEvent[]} events */
const table = (events) => html`<div class="card scroll" tabindex="0" role="region" aria-label="Last events">
    <table>
      <thead><tr><th scope="col">Time</th><th scope="col">Event</th><th scope="col">Account</th><th scope="col">Session</th></tr></thead>
      <tbody>!${events.map(
        (event) => html`<tr>
          <td>!${clockTime(event.at)}</td><td>${said(event)}</td><td>${event.owner ?? '–'}</td><td><code>${event.id?.slice(0, 8) ?? '–'}</code></td>
        </tr>`,
      )}</tbody>
    </table>
  </div>`

/** @param {SessionEvent} event */
function said(event) {
  if (event.event === 'ended') return `ended: ${event.reason}${event.count === 1 ? '' : `, ${event.count} sessions`}`
  return event.event === 'refused' ? `refused: ${event.reason}` : event.event
}

const SECONDS = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' })

/** @param {number} at */
const clockTime = (at) => html`<time datetime="${new Date(at).toISOString()}" data-form="exact">${SECONDS.format(at)} UTC</time>`
