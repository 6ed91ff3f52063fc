/** The callback of an express-session store's methods. */
export type ExpressCallback = (error?: unknown, answer?: unknown) => void

type Method = (...args: never[]) => unknown

/**
 * Calls a method of an express-session store with a callback. Resolves with the answer of the callback or of the returned promise, whichever is first.
 * Rejects with what the method throws, rejects with or passes to its callback.
 *
 * If the method declares a callback, a fulfilled promise is ignored: `async set(id, session, callback)` may return long before it calls its callback.
 */
export function answerOf(store: object, method: Method, args: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // It never throws: connect-redis and express-mysql-session would then call it again. A second call is ignored.
    const callback: ExpressCallback = (error, answer) => (error ? reject(error) : resolve(answer))
    const returned: unknown = Reflect.apply(method, store, [...args, callback])
    if (!isThenable(returned)) return
    const declaresCallback = method.length > args.length
    returned.then(declaresCallback ? undefined : resolve, reject)
  })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
