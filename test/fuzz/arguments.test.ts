import { startArgumentTarget } from './argument-target.ts'
import { fuzzTest } from './ci.ts'

fuzzTest('a session and a manager refuse any wrong argument by name, and save what they took', startArgumentTarget)
