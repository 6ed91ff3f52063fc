/** The codes of all errors. */
export type ScsErrorCode =
  | 'FST_ERR_SCS_OPTION'
  | 'FST_ERR_SCS_KEY'
  | 'FST_ERR_SCS_VALUE'
  | 'FST_ERR_SCS_SCHEMA'
  | 'FST_ERR_SCS_ARGUMENT'
  | 'FST_ERR_SCS_ASSIGN'
  | 'FST_ERR_SCS_READONLY'
  | 'FST_ERR_SCS_TOO_LARGE'
  | 'FST_ERR_SCS_COMMITTED'
  | 'FST_ERR_SCS_OFF'
  | 'FST_ERR_SCS_NOT_LOADED'
  | 'FST_ERR_SCS_TOO_LATE'
  | 'FST_ERR_SCS_EDIT'
  | 'FST_ERR_SCS_UNSUPPORTED'
  | 'FST_ERR_SCS_PAYLOAD'
  | 'FST_ERR_SCS_UPGRADE'
  | 'FST_ERR_SCS_SAVE'
  | 'FST_ERR_SCS_NOT_FRESH'
  | 'FST_ERR_SCS_LIMIT'
  | 'FST_ERR_SCS_SUPERSEDED'
  | 'FST_ERR_SCS_CONFLICT'
  | 'FST_ERR_SCS_STORE'
  | 'FST_ERR_SCS_TIMEOUT'

/** Why a session could not be saved: an error with a status for the reply. */
export type Failure = Error & { readonly code: string; readonly statusCode: number }

/** The payload of an error reply: JSON for an object, a string or bytes as they are. */
export type ErrorPayload = object | string | Uint8Array
