import { html } from 'ghtml'

/** The frame of every page. No script and no style is inline, so the content security policy can forbid them. @param {string} title @param {string} body */
export const document = (title, body) => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} – Leaf</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/style.css">
    <script type="module" src="/page.js"></script>
  </head>
  <body>
    !${body}
  </body>
</html>
`
