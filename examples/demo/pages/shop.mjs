import { html } from 'ghtml'
import { price, products } from '../products.mjs'
import { csrfField } from './parts.mjs'

/** @returns {import('./layout.mjs').Page} */
export const shopPage = () => ({
  title: 'Tea, by the tin',
  main: (view) => html`
    <p class="lead">Open this page in two tabs and fill the cart in both: it has everything from both.</p>
    <ul class="products">
      !${products().map(
        ({ id, name, from, note, cents }) => html`<li class="card">
          <h2>${name}</h2>
          <p class="dim">${from}</p>
          <p>${note}</p>
          <form method="post" action="/cart/add">
            !${csrfField(view)}
            <input type="hidden" name="product" value="${id}">
            <span class="price">${price(cents)}</span>
            <button aria-label="Add ${name} to the cart">Add</button>
          </form>
        </li>`,
      )}
    </ul>`,
})
