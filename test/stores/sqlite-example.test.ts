import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { eventually } from '../support/faults/wait.ts'
import { LIMIT } from '../support/limit.ts'
import { root } from '../support/readme.ts'
import { freePort } from '../support/servers/process.ts'
import { betterSqlite3, placeFor } from '../support/sqlite.ts'

t.setTimeout(LIMIT)

t.test('the example keeps its sessions over a restart', async (t) => {
  betterSqlite3()
  const [port, path] = [await freePort(), placeFor(t)]
  const url = `http://localhost:${port}`
  // From dist/ the driver of the tests would not be found.
  const drivers = fileURLToPath(new URL('../../node_modules', import.meta.url))
  let cookie = ''
  for (const [route, text] of [
    ['put', 'OK'],
    ['get', 'Hello from a session!'],
  ]) {
    const env = { ...process.env, PORT: String(port), SESSIONS: path, NODE_PATH: drivers }
    const child = spawn(process.execPath, [`${root}examples/sqlite.mjs`], { env, stdio: ['ignore', 'ignore', 'inherit'] })
    t.teardown(() => child.kill('SIGKILL'))
    const reply = await eventually(() => fetch(`${url}/${route}`, { headers: { cookie } }))
    t.equal(await reply?.text(), text)
    cookie = reply?.headers.get('set-cookie')?.split(';')[0] ?? ''
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
})
