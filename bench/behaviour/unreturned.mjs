import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const FILE = fileURLToPath(import.meta.url)

/** In a process of its own, since it may not survive. */
export function unreturned(app) {
  if (app.listen === undefined) return 'does not apply'
  return new Promise((resolve) => {
    execFile(process.execPath, [FILE, app.name], (error, stdout, stderr) =>
      resolve(error === null ? `yes, ${stdout}` : `**no**, ${reason(stderr)}`),
    )
  })
}

function reason(stderr) {
  return /ERR_[A-Z_]+/.exec(stderr)?.[0] ?? stderr.trim().split('\n').at(-1)
}

async function child(name) {
  const { starters } = await import('./apps.mjs')
  const app = await starters[name]()
  const response = await fetch(`${await app.listen()}/unreturned`, { method: 'POST' })
  await response.text()
  await sleep(100)
  process.stdout.write(`${response.status}`)
  await app.close()
}

if (process.argv[1] === FILE) await child(process.argv[2])
