import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url))
const PATIENCE = 3000

/** The exit code of a process in which the observation itself went wrong: no peer may be blamed for that. */
export const MISTAKE = 70

/** Observes a row in a process of its own, since that may not survive it. */
export function alone({ key, env }, name) {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [CHILD, key, name], { env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      if (error?.code === MISTAKE) reject(new Error(`${key}: ${stderr}`))
      else resolve(error === null ? stdout : `**the process ends**, ${reason(stderr)}`)
    })
  })
}

function reason(stderr) {
  return /ERR_[A-Z_]+/.exec(stderr)?.[0] ?? stderr.trim().split('\n').at(-1)
}

/** Whether something gives an answer in time, or none ('hang'), or throws where nobody can catch it, which ends a process ('crash'). */
export async function endOf(work) {
  let end
  const crash = () => {
    end = 'crash'
  }
  process.on('uncaughtException', crash)
  const answer = await Promise.race([work.catch(() => undefined), sleep(PATIENCE)])
  // What is thrown after the reply.
  await sleep(20)
  process.off('uncaughtException', crash)
  return { end: end ?? (answer === undefined ? 'hang' : 'answer'), answer }
}
