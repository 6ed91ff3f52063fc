export { fromCookieSession, fromSecureSession } from './cookies.ts'
export { fromCookie } from './from-cookie.ts'
export { fromExpressSession, fromFastifySession, fromMgcreaSession } from './stores.ts'
