/** @typedef {{ id: string, name: string, from: string, note: string, cents: number }} Product */

/** @type {ReadonlyArray<Product>} */
const PRODUCTS = [
  { id: 'assam', name: 'Assam', from: 'India', note: 'Malty and strong. Takes milk well.', cents: 720 },
  { id: 'sencha', name: 'Sencha', from: 'Japan', note: 'Green and fresh. Not with boiling water.', cents: 940 },
  { id: 'oolong', name: 'Oolong', from: 'Taiwan', note: 'Floral, good for many infusions.', cents: 1280 },
  { id: 'rooibos', name: 'Rooibos', from: 'South Africa', note: 'No caffeine. For the evening.', cents: 560 },
]

export const products = () => PRODUCTS

/** @param {string} id @returns {Product | undefined} */
export const productOf = (id) => PRODUCTS.find((product) => product.id === id)

/** @param {number} cents */
export const price = (cents) => `€ ${(cents / 100).toFixed(2)}`

/**
 * The lines of a cart. A product that is no longer sold has none.
 * @param {Readonly<Record<string, number>>} cart
 */
export function linesOf(cart) {
  return PRODUCTS.flatMap((product) => {
    const count = cart[product.id]
    return count === undefined ? [] : [{ product, count, cents: count * product.cents }]
  })
}
