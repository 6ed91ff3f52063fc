import Type from 'typebox'

/** How many units of each product, by its id. */
const Cart = Type.Record(Type.String(), Type.Integer({ minimum: 1 }))

/** What a session holds. `_csrf` and `flash` belong to @fastify/csrf-protection and @fastify/flash. */
export const SessionSchema = Type.Object({
  userId: Type.String(),
  cart: Cart,
  _csrf: Type.String(),
  flash: Type.Record(Type.String(), Type.Array(Type.String())),
})
