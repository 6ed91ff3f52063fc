import { own } from './sqlite.ts'

/** Holds the lock of a file from its start until it is sent anything, and says so. Run with the path and how the transaction begins. */
const [path = '', begin = 'BEGIN IMMEDIATE'] = process.argv.slice(2)
const database = own.open(path)
database.exec(begin)
process.on('message', () => {
  database.exec('COMMIT')
  database.close()
  process.send?.('released')
  process.disconnect?.()
})
process.send?.('locked')
