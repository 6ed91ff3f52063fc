import { fuzzTest } from './ci.ts'
import { startCodecTarget } from './codec-target.ts'

fuzzTest('any value comes back or is refused by its path, and any bytes are a session or FST_ERR_SCS_PAYLOAD', startCodecTarget)
