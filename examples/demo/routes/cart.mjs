import Type from 'typebox'
import { cartPage } from '../pages/cart.mjs'
import { render } from '../pages/layout.mjs'
import { shopPage } from '../pages/shop.mjs'
import { productOf } from '../products.mjs'

const Form = Type.Object({ product: Type.String({ maxLength: 100 }) })
const productIn = (/** @type {unknown} */ body) => productOf(/** @type {import('typebox').Static<typeof Form>} */ (body).product)

/** The shop and the cart, for everybody. @param {import('fastify').FastifyInstance} app */
export async function cart(app) {
  app.get('/', async (request, reply) => render(request, reply, shopPage()))

  app.get('/cart', async (request, reply) => render(request, reply, cartPage(request.session.get('cart', {}))))

  app.post('/cart/add', { schema: { body: Form }, config: { page: '/' } }, async (request, reply) => {
    const product = productIn(request.body)
    if (product === undefined) return reply.callNotFound()
    // When another tab's request saves first, the function runs again on what that saved: neither is lost.
    request.session.update('cart', (cart = {}) => ({ ...cart, [product.id]: (cart[product.id] ?? 0) + 1 }))
    request.flash('success', `${product.name} is in your cart.`)
    return reply.redirect('/', 303)
  })

  app.post('/cart/remove', { schema: { body: Form }, config: { page: '/cart' } }, async (request, reply) => {
    const product = productIn(request.body)
    if (product === undefined) return reply.callNotFound()
    request.session.update('cart', (cart = {}) => Object.fromEntries(Object.entries(cart).filter(([id]) => id !== product.id)))
    request.flash('success', `${product.name} is no longer in your cart.`)
    return reply.redirect('/cart', 303)
  })
}
