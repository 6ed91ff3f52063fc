import { LmdbStore } from '../../stores/lmdb.ts'

/** Is killed in the turn in which it reads. */
const [path = ''] = process.argv.slice(2)
new LmdbStore(path).find('key')
process.kill(process.pid, 'SIGKILL')
