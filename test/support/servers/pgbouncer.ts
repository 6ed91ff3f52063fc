import { writeFileSync } from 'node:fs'
import pg from 'pg'
import { freePort, programPath, type Scope, type Server, serverFolder, startServer } from './process.ts'

/** PgBouncer in transaction mode in front of a PostgreSQL: each statement may go to another of three connections of the server. */
export async function startPgBouncer(scope: Scope, postgres: Server): Promise<Server> {
  const port = await freePort()
  const folder = serverFolder('pgbouncer')
  const file = `${folder}/pgbouncer.ini`
  const lines = [
    '[databases]',
    `postgres = host=127.0.0.1 port=${postgres.port} user=postgres`,
    '[pgbouncer]',
    `listen_port = ${port}`,
    'listen_addr = 127.0.0.1',
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'default_pool_size = 3',
    'server_round_robin = 1',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return startServer(scope, {
    port,
    folder,
    command: programPath('pgbouncer', 'pgbouncer'),
    args: [file],
    ready: async () => {
      const client = new pg.Client(pgBouncerUrl(port))
      client.on('error', () => {})
      await client.connect()
      await client.end()
    },
  })
}

export function pgBouncerUrl(port: number): string {
  return `postgres://postgres@127.0.0.1:${port}/postgres`
}
