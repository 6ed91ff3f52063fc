import { run } from '../test/support/processes.mjs'

const checks = ['test', 'lint', 'types', 'layers', 'package']

/** tap's counts, from the last line of `npm test`. What is skipped or to do is neither passed nor failed. */
function countsIn(output) {
  const line = output.match(/^# \{ total: .*\}/gm)?.at(-1) ?? ''
  const count = (name) => Number(new RegExp(` ${name}: (\\d+)`).exec(line)?.[1] ?? 0)
  return { passed: count('pass'), failed: count('fail') }
}

let passed = 0
let failed = 0
for (const check of checks) {
  console.log(`\n$ npm run ${check}`)
  const { ok, output } = await run('npm', ['run', '--silent', check], { each: (line) => console.log(line) })
  const counts = check === 'test' ? countsIn(output) : { passed: 0, failed: 0 }
  passed += counts.passed + (ok ? 1 : 0)
  failed += counts.failed + (ok ? 0 : 1)
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
