/** The body of a reply whose session could not be loaded or saved. */
export const STORE_ERROR = {
  statusCode: 503,
  code: 'FST_ERR_SCS_STORE',
  error: 'Service Unavailable',
  message: 'The session store failed. Try again.',
}
