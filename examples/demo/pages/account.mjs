import { html } from 'ghtml'
import { csrfField, passwordField } from './parts.mjs'

/** @typedef {import('../accounts.mjs').Account} Account @typedef {import('./layout.mjs').Page} Page */

/** @param {Account} account @returns {Page} */
export const accountPage = ({ name, email }) => ({
  title: 'Your account',
  main: () => html`
    <ul class="rows card">
      <li><div><strong>Name</strong><span class="dim">${name}</span></div></li>
      <li><div><strong>E-mail address</strong><span class="dim">${email}</span></div><a class="button quiet" href="/account/email">Change</a></li>
      <li><div><strong>Devices</strong><span class="dim">Where you are signed in</span></div><a class="button quiet" href="/devices">Show</a></li>
    </ul>`,
})

/** @param {Account} account @returns {Page} */
export const emailPage = ({ email }) => ({
  title: 'Change your e-mail address',
  main: (view) => html`
    <form class="card narrow" method="post" action="/account/email">
      !${csrfField(view)}
      <label for="email">New e-mail address</label>
      <input id="email" name="email" type="email" value="${email}" autocomplete="email" required maxlength="200">
      <button>Change it</button>
    </form>`,
})

/** @param {{ next: string, isWrong?: boolean }} options @returns {Page} */
export const confirmPage = ({ next, isWrong = false }) => ({
  title: 'Confirm your password',
  main: (view) => html`
    <p class="lead">You signed in a while ago. Before this change we ask again, in case somebody else is at your device.</p>
    <form class="card narrow" method="post" action="/confirm">
      !${csrfField(view)}
      <input type="hidden" name="next" value="${next}">
      <input class="visually-hidden" name="account" value="${view.account?.id}" autocomplete="username" tabindex="-1" aria-hidden="true" readonly>
      !${passwordField({ label: 'Password', wrong: isWrong ? 'The password is wrong.' : undefined })}
      <button>Confirm</button>
    </form>`,
})
