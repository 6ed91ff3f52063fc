import { html } from 'ghtml'
import { HINTS } from '../accounts.mjs'
import { csrfField, passwordField } from './parts.mjs'

/**
 * @param {{ next: string, account?: string, isWrong?: boolean }} options
 * @returns {import('./layout.mjs').Page}
 */
export const signInPage = ({ next, account = '', isWrong = false }) => ({
  title: 'Sign in',
  main: (view) => html`
    <form class="card narrow" method="post" action="/sign-in">
      !${csrfField(view)}
      <input type="hidden" name="next" value="${next}">
      <label for="account">Account</label>
      <input id="account" name="account" value="${account}" autocomplete="username" autocapitalize="none" required maxlength="100">
      !${passwordField({ label: 'Password', wrong: isWrong ? 'The account or the password is wrong.' : undefined })}
      <label class="check"><input type="checkbox" name="remember" value="yes"> Keep me signed in on this device</label>
      <button>Sign in</button>
    </form>
    <section class="narrow" aria-labelledby="hints">
      <h2 id="hints">Accounts of this demo</h2>
      <table>
        <thead><tr><th scope="col">Account</th><th scope="col">Password</th><th scope="col">Role</th></tr></thead>
        <tbody>!${HINTS.map(({ id, password, role }) => html`<tr><td><code>${id}</code></td><td><code>${password}</code></td><td>${role}</td></tr>`)}</tbody>
      </table>
    </section>`,
})
