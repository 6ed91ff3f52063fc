import t from 'tap'
import { LIMIT } from '../support/limit.ts'
import { lmdbStores } from '../support/lmdb.ts'
import { sharesFile } from '../support/local-processes.ts'

t.setTimeout(LIMIT)

sharesFile(t, lmdbStores)
