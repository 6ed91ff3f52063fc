// Observes one row for one library, and writes the cell to standard output.
import { MISTAKE } from './alone.mjs'
import { startApp } from './apps.mjs'
import { rows } from './scenarios.mjs'

// Express reports there what it answers with 500.
console.error = () => {}

const [key, name] = process.argv.slice(2)
const { see } = rows.find((row) => row.key === key)
const start = (options) => startApp(name, options)
try {
  const cell = await see(await start(), start)
  process.stdout.write(String(cell), () => process.exit())
} catch (error) {
  process.stderr.write(String(error.stack), () => process.exit(MISTAKE))
}
