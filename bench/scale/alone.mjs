import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const JOB = fileURLToPath(new URL('job.mjs', import.meta.url))
const FLAGS = ['--expose-gc', '--max-old-space-size=8192']

/** What a function of one of these modules gives, in a process of its own, where no other measurement has filled the heap. */
export function alone(module, name, input, flags = []) {
  process.stderr.write(`${module} ${name} ${JSON.stringify(input)}\n`)
  const child = spawn(process.execPath, [...FLAGS, ...flags, JOB, module, name, JSON.stringify(input)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(output)) : reject(new Error(`${module} ${name} ended with ${code}`))))
  })
}
