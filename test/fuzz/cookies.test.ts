import { fuzzTest } from './ci.ts'
import { startCookieTarget } from './cookie-target.ts'

fuzzTest('any Cookie header gives the session that the rule says, three look-ups at most, and no error', startCookieTarget)
