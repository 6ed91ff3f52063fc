import { fuzzTest } from './ci.ts'
import { startOptionTarget } from './option-target.ts'

fuzzTest('options of any kind are taken or refused by their name, and stay as they are', startOptionTarget)
