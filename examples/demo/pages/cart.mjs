import { html } from 'ghtml'
import { linesOf, price } from '../products.mjs'
import { csrfField } from './parts.mjs'

/**
 * @param {Readonly<Record<string, number>>} cart
 * @returns {import('./layout.mjs').Page}
 */
export function cartPage(cart) {
  const lines = linesOf(cart)
  if (lines.length === 0) return { title: 'Your cart', main: () => html`<p class="card">It is empty. <a href="/">Choose a tea</a></p>` }
  return {
    title: 'Your cart',
    main: (view) => html`
      <ul class="rows card">
        !${lines.map(
          ({ product, count, cents }) => html`<li>
            <div><strong>${product.name}</strong><span class="dim">${count} × ${price(product.cents)}</span></div>
            <span class="price">${price(cents)}</span>
            <form method="post" action="/cart/remove">
              !${csrfField(view)}
              <input type="hidden" name="product" value="${product.id}">
              <button class="quiet" aria-label="Remove ${product.name}">Remove</button>
            </form>
          </li>`,
        )}
        <li class="total"><strong>Total</strong><strong class="price">${price(lines.reduce((sum, { cents }) => sum + cents, 0))}</strong></li>
      </ul>
      <p class="dim">The cart is in your session. It stays when you sign in, and goes when you sign out.</p>`,
  }
}
