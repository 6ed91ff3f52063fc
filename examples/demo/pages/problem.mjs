import { html } from 'ghtml'
import { document } from './document.mjs'

/** What went wrong, on a page that needs no session: the session may be what failed. @param {string} title @param {string} text @param {string} page */
export const problem = (title, text, page) =>
  document(
    title,
    html`<header><a class="brand" href="/"><img src="/icon.svg" alt="" width="28" height="28">Leaf</a></header>
    <main>
      <h1>${title}</h1>
      <p class="lead">${text}</p>
      <p><a class="button" href="${page}">Go on</a></p>
    </main>`,
  )
