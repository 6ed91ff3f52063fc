import { fuzzTest } from './ci.ts'
import { startPayloadTarget } from './payload-target.ts'

fuzzTest('whatever lies under a token, a request is answered, and only what cannot be read is removed', startPayloadTarget)
