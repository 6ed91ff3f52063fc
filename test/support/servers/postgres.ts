import pg from 'pg'
import { freePort, programPath, runProgram, type Scope, type Server, serverFolder, startServer } from './process.ts'

/** A PostgreSQL of the test's own: database and user `postgres`, no password. */
export async function startPostgres(scope: Scope, args: readonly string[] = []): Promise<Server> {
  const port = await freePort()
  const folder = serverFolder('postgres')
  const data = `${folder}/data`
  const init = ['-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--no-locale', '--no-sync']
  runProgram(programPath('initdb', 'postgresql'), init, folder)
  const always = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off']
  return startServer(scope, {
    port,
    folder,
    command: programPath('postgres', 'postgresql'),
    args: [...always, ...args],
    ready: () => answers(port),
    // Ends its children too.
    killSignal: 'SIGQUIT',
  })
}

export function postgresUrl({ port }: Server): string {
  return `postgres://postgres@127.0.0.1:${port}/postgres`
}

async function answers(port: number): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
  client.on('error', () => {})
  await client.connect()
  await client.end()
}

/** A PostgreSQL for tests that only use it: one that stands already, named by SCS_TEST_POSTGRES, or one of the test's own. */
export async function usePostgres(scope: Scope): Promise<string> {
  return process.env['SCS_TEST_POSTGRES'] ?? postgresUrl(await startPostgres(scope))
}
