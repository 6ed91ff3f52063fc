import { spawn } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { eventually } from '../support/faults/wait.ts'
import { buildGo } from '../support/go-scs.ts'
import { LIMIT } from '../support/limit.ts'
import { shellLines } from '../support/programs.ts'
import { blocksOf, root } from '../support/readme.ts'
import { postgresUrl, startPostgres } from '../support/servers/postgres.ts'
import { freePort } from '../support/servers/process.ts'

t.setTimeout(LIMIT)

const EXAMPLE = 'examples/go-and-node'
const CURL = /^curl --cookie-jar cj --cookie cj (.*)localhost:(\d+)(\S+) +# (.*)$/

t.test('what one service logs in is known at the other: the two programs and the requests of docs/go.md', async (t) => {
  const DATABASE_URL = `${postgresUrl(await startPostgres(t))}?sslmode=disable`
  const urls = new Map<string, string>()
  const start = async (name: string, program: string, ...args: string[]) => {
    const port = await freePort()
    const env = { ...process.env, DATABASE_URL, PORT: String(port) }
    const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
    t.teardown(() => void child.kill())
    urls.set(name, `http://localhost:${port}`)
    t.ok(await eventually(() => fetch(`http://localhost:${port}/me`)), `${program} answers`)
  }
  await start('4000', process.execPath, join(root, EXAMPLE, 'server.mjs'))
  await start('4001', buildGo(EXAMPLE))

  const lines = shellLines(blocksOf('docs/go.md'), 'curl ')
  t.ok(lines.length >= 7)
  let cookie = ''
  for (const line of lines) {
    const [, flags = '', port = '', path = '', answer] = CURL.exec(line) ?? []
    const body = /-d (\S+)/.exec(flags)?.[1]
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const reply = await fetch(`${urls.get(port)}${path}`, {
      method: body !== undefined || flags.includes('-X POST') ? 'POST' : 'GET',
      headers: { cookie, ...(body === undefined ? {} : form) },
      ...(body === undefined ? {} : { body }),
    })
    cookie = reply.headers.get('set-cookie')?.split(';')[0] ?? cookie
    t.equal((await reply.text()).trimEnd(), answer, line)
  }
})
