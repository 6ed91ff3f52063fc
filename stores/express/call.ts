/** How an express-session store answers. */
export type ExpressCallback = (error?: unknown, answer?: unknown) => void

type Method = (...args: never[]) => unknown

/**
 * Calls a method of an express-session store with a callback, and gives what it answers by the callback or by a promise, the first of them.
 * Rejects with what the method throws, rejects with or hands to its callback.
 *
 * A method that declares a callback is not taken at the word of a promise that is kept: `async set(id, session, callback)` may have
 * returned long before its callback is called.
 */
export function answerOf(store: object, method: Method, args: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // It never throws: connect-redis and express-mysql-session would call it again. A promise ignores what comes later.
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
