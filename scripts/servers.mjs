import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from '../test/support/processes.mjs'

/** The servers that the tests start, and Go with its drivers, each by a program or a file of it and the Debian package that has it. */
const PROGRAMS = [
  ['redis-server', 'redis-server'],
  ['mariadbd', 'mariadb-server'],
  ['postgres', 'postgresql'],
  ['pgbouncer', 'pgbouncer'],
  // The browser that tries the demo.
  ['chromium', 'chromium'],
  // The judge of GobCodec, and the service in Go that shares its sessions.
  ['go', 'golang-go'],
  ['gcc', 'gcc'],
  ['/usr/share/gocode/src/github.com/lib/pq', 'golang-github-lib-pq-dev'],
  ['/usr/share/gocode/src/github.com/go-sql-driver/mysql', 'golang-github-go-sql-driver-mysql-dev'],
  ['/usr/share/gocode/src/github.com/gomodule/redigo', 'golang-github-gomodule-redigo-dev'],
  ['/usr/share/gocode/src/github.com/mattn/go-sqlite3', 'golang-github-mattn-go-sqlite3-dev'],
]

const DEBIAN_POSTGRES = '/usr/lib/postgresql'

function isInstalled(program) {
  if (program.startsWith('/')) return existsSync(program)
  const versions = existsSync(DEBIAN_POSTGRES) ? readdirSync(DEBIAN_POSTGRES).map((version) => join(DEBIAN_POSTGRES, version, 'bin')) : []
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/bin', '/usr/bin', '/usr/sbin', '/usr/local/sbin', ...versions]
  return places.some((place) => existsSync(join(place, program)))
}

const missing = () => PROGRAMS.filter(([program]) => !isInstalled(program)).map(([, name]) => name)

/** Runs apt-get where one may: as root, or by a sudo that asks for nothing. Services are not started: the tests start their own. */
async function aptGet(...args) {
  const command = ['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', '-o', 'DPkg::Lock::Timeout=300', ...args]
  if (process.getuid?.() !== 0) command.unshift('sudo', '-n')
  console.log(`$ ${command.join(' ')}`)
  return await run(command[0], command.slice(1)).catch((error) => ({ ok: false, output: error.message }))
}

/** Installs the servers that the tests need and the machine lacks. Throws, in one sentence, when it may not. */
export async function installServers() {
  const wanted = missing()
  if (wanted.length === 0) return
  if (existsSync('/usr/bin/apt-get')) {
    await aptGet('-qq', 'update')
    await aptGet('-qq', 'install', '-y', '--no-install-recommends', ...wanted)
  }
  const still = missing()
  if (still.length > 0) throw new Error(`The tests need programs that are not installed here: apt-get install ${still.join(' ')}`)
}
