import { html } from 'ghtml'

const DAY = 86_400_000
const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'UTC' })
const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** A moment, with its date when that is not within a day. The script writes it in the browser's time zone. @param {number} at @param {number} now */
export function time(at, now) {
  const isNear = Math.abs(at - now) < DAY
  const text = `${isNear ? '' : `${DATE.format(at)}, `}${TIME.format(at)} UTC`
  return html`<time datetime="${new Date(at).toISOString()}" data-form="${isNear ? 'near' : 'far'}">${text}</time>`
}

/** Proves that a form came from one of our pages. @param {{ csrf: string }} view */
export const csrfField = ({ csrf }) => html`<input type="hidden" name="_csrf" value="${csrf}">`

/** A password, with the sentence about a wrong one. @param {{ label: string, wrong?: string | undefined }} options */
export function passwordField({ label, wrong }) {
  return html`<label for="password">${label}</label>
    !${wrong === undefined ? '' : html`<p class="wrong" id="wrong" role="alert">${wrong}</p>`}
    <input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1000"
      !${wrong === undefined ? '' : 'aria-invalid="true" aria-describedby="wrong"'}>`
}
