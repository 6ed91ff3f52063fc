import mysql from 'mysql2/promise'
import { freePort, programPath, runProgram, type Scope, type Server, serverFolder, startServer } from './process.ts'

/** A MariaDB of the test's own: user `root` without a password, database `test`. */
export async function startMysql(scope: Scope, args: readonly string[] = []): Promise<Server> {
  const port = await freePort()
  const folder = serverFolder('mysql')
  const data = `${folder}/data`
  // At its start a server deletes the temporary tables in its folder for them: one that others use would lose theirs.
  const own = ['--no-defaults', `--datadir=${data}`, `--tmpdir=${folder}`]
  const init = [...own, '--auth-root-authentication-method=normal', '--skip-test-db']
  runProgram(programPath('mariadb-install-db', 'mariadb-server'), init, folder)
  const always = [...own, `--port=${port}`, '--bind-address=127.0.0.1', `--socket=${folder}/s`, '--skip-name-resolve']
  return startServer(scope, {
    port,
    folder,
    command: programPath('mariadbd', 'mariadb-server'),
    args: [...always, ...args],
    ready: () => answers(port),
  })
}

export function mysqlUrl({ port }: Server, database = 'test'): string {
  return `mysql://root@127.0.0.1:${port}/${database}`
}

async function answers(port: number): Promise<void> {
  const connection = await mysql.createConnection({ host: '127.0.0.1', port, user: 'root' })
  await connection.query('CREATE DATABASE IF NOT EXISTS test')
  await connection.end()
}

/** A MariaDB or MySQL for tests that only use it: one that stands already, named by SCS_TEST_MYSQL, or one of the test's own. */
export async function useMysql(scope: Scope): Promise<string> {
  return process.env['SCS_TEST_MYSQL'] ?? mysqlUrl(await startMysql(scope))
}
