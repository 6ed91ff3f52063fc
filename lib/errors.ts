import { createError } from './fastify-error.ts'

/**
 * Every error that the library throws. The code is stable; the sentence may change. None of them holds a token or a value of a session;
 * what the store's driver threw is the `cause`.
 */

/** 500: an option is wrong. Thrown at register. */
export const OptionError = createError<[option: string, rule: string, options?: ErrorOptions]>(
  'FST_ERR_SCS_OPTION',
  'Option %s %s.',
  500,
  TypeError,
)

/** 500: a key that cannot be used: not a string, reserved, or not in the schema. */
export const KeyError = createError<[key: string, rule: string]>('FST_ERR_SCS_KEY', 'The session key %s %s.', 500, TypeError)

/** 500: a value that would not be the same when it is read again. */
export const ValueError = createError<[path: string, rule: string, options?: ErrorOptions]>(
  'FST_ERR_SCS_VALUE',
  'The session cannot keep the value at %s: %s.',
  500,
  TypeError,
)

/** 500: a value that the schema refuses. */
export const SchemaError = createError<[path: string, rule: string]>(
  'FST_ERR_SCS_SCHEMA',
  'The session schema refuses the value at %s: it %s.',
  500,
  TypeError,
)

/** 500: a method was called with the wrong kind of argument. */
export const ArgumentError = createError<[argument: string, rule: string]>('FST_ERR_SCS_ARGUMENT', '%s %s.', 500, TypeError)

/** 500: somebody assigned a property of the session, or `request.session` itself. */
export const AssignError = createError<[what: string, instead: string]>(
  'FST_ERR_SCS_ASSIGN',
  '%s cannot be assigned, it would be lost. Call %s.',
  500,
  TypeError,
)

/** 500: somebody tried to change in place a value that a session handed out. */
export const ReadonlyError = createError<[kind: string]>(
  'FST_ERR_SCS_READONLY',
  'This %s belongs to a session and cannot be changed in place. Put a new one with session.put() or session.update().',
  500,
  TypeError,
)

/** 500: the session is larger than `maxBytes` or than what the store takes. */
export const TooLargeError = createError<[size: string, limit: number]>(
  'FST_ERR_SCS_TOO_LARGE',
  'The session has %s bytes and may have %d. Keep large things elsewhere and their ids in the session, or raise maxBytes.',
  500,
)

/** 500: the session was changed after it was saved. */
export const CommittedError = createError(
  'FST_ERR_SCS_COMMITTED',
  'The session was saved already, when the reply left. Change it before, or call session.commit() for a hijacked reply. ' +
    'With tRPC, send calls that change the session by httpBatchLink: those of httpBatchStreamLink run after the headers left.',
  500,
)

/** 500: the session was used where the route's config turns it off. */
export const OffError = createError('FST_ERR_SCS_OFF', 'This route has config.session false. Remove that to use the session here.', 500)

/** 500: the session was used before it was loaded. */
export const NotLoadedError = createError(
  'FST_ERR_SCS_NOT_LOADED',
  'There is no session here: it is loaded in onRequest. Register the plugin, and before the hook that uses the session.',
  500,
)

/** 500: `commit()` would make a new token, and the reply's headers were sent already. */
export const TooLateError = createError(
  'FST_ERR_SCS_TOO_LATE',
  'The headers were sent, so a new session token could not reach the client. Save the session before the first byte.',
  500,
)

/** 500: a function given to `update` threw when it was run again on the session that another request had changed. */
export const EditError = createError<[key: string, options?: ErrorOptions]>(
  'FST_ERR_SCS_EDIT',
  'The function given to session.update() for %s failed when it was run again. It must work on whatever the session holds.',
  500,
)

/** 500: what the store or the manager cannot do, because the store or an option lacks it. */
export const UnsupportedError = createError<[what: string, rule: string]>('FST_ERR_SCS_UNSUPPORTED', '%s %s.', 500)

/** 500: bytes that the codec did not write. Never reaches a client: such a session becomes a new one. */
export const PayloadError = createError<[rule: string, options?: ErrorOptions]>(
  'FST_ERR_SCS_PAYLOAD',
  'The stored session is not readable: %s.',
  500,
)

/** 500: the option `upgrade` failed on a stored session, by a fault of the application. Thrown where the session is first used. */
export const UpgradeError = createError<[rule: string, options?: ErrorOptions]>(
  'FST_ERR_SCS_UPGRADE',
  'The option upgrade %s, so the stored session cannot be used. It is kept until upgrade is fixed.',
  500,
)

/** 500: something else went wrong while the session was saved: a codec of the application, say. */
export const SaveError = createError<[options?: ErrorOptions]>('FST_ERR_SCS_SAVE', 'The session could not be saved.', 500)

/** 401: the last login is too long ago for this. An error handler can send the client to a page that asks for the password. */
export const NotFreshError = createError('FST_ERR_SCS_NOT_FRESH', 'The last login is too long ago for this. Log in again.', 401)

/** 409: a login beyond the option `limit`. */
export const LimitError = createError<[limit: number]>(
  'FST_ERR_SCS_LIMIT',
  'The limit of sessions is reached, which is %d for each owner. End one of them first.',
  409,
)

/** 409: the session was ended or renewed by another request, and this one had changes to save. */
export const SupersededError = createError(
  'FST_ERR_SCS_SUPERSEDED',
  'The session was ended or renewed by another request, so the changes of this one were dropped. Try again.',
  409,
)

/** 503: other requests changed the session faster than this one could save it. */
export const ConflictError = createError('FST_ERR_SCS_CONFLICT', 'The session was changed by too many requests at once. Try again.', 503)

/** 503: the store failed. */
export const StoreError = createError<[options?: ErrorOptions]>('FST_ERR_SCS_STORE', 'The session store failed. Try again.', 503)

/** 503: the store did not answer in time. */
export const TimeoutError = createError('FST_ERR_SCS_TIMEOUT', 'The session store did not answer in time. Try again.', 503)
