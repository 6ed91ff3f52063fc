import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort, hasProgram, programPath, type Scope, type Server, serverFolder, startServer } from './process.ts'

/** A Valkey of the test's own, where this machine has one; otherwise a Redis. */
export function startValkey(scope: Scope): Promise<Server> {
  return startRedis(scope, [], hasProgram('valkey-server') ? 'valkey-server' : 'redis-server')
}

/** A Redis of the test's own. */
export async function startRedis(scope: Scope, args: readonly string[] = [], program = 'redis-server'): Promise<Server> {
  const port = await freePort()
  const folder = serverFolder('redis')
  const always = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--daemonize', 'no']
  return startServer(scope, {
    port,
    folder,
    command: programPath(program, program),
    args: [...always, ...(args.includes('--save') ? [] : ['--save', '']), ...args],
    ready: () => call(port, 'PING'),
  })
}

/** A Redis Cluster: masters alone, the slots shared out evenly. Ready when every node knows so. */
export async function startRedisCluster(scope: Scope, masters = 3, more: readonly string[] = []): Promise<Server[]> {
  const nodes: Server[] = []
  // A node that a busy machine holds up for a moment is not to be taken for one that failed.
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '20000', '--cluster-require-full-coverage', 'no', ...more]
  // A node listens on its port plus 10,000 as well.
  for (let i = 0; i < masters; i++) nodes.push(await startRedis(scope, args))
  const [first, ...others] = nodes
  for (const [i, { port }] of nodes.entries()) {
    const [from, to] = [Math.floor((16_384 * i) / masters), Math.floor((16_384 * (i + 1)) / masters) - 1]
    await call(port, 'CLUSTER', 'ADDSLOTSRANGE', from, to)
    await call(port, 'CLUSTER', 'SET-CONFIG-EPOCH', i + 1)
  }
  for (const { port } of others) await call(port, 'CLUSTER', 'MEET', '127.0.0.1', first?.port ?? 0)
  for (const { port } of nodes) await untilWhole(port, masters)
  return nodes
}

async function untilWhole(port: number, masters: number): Promise<void> {
  for (;;) {
    const info = String(await call(port, 'CLUSTER', 'INFO'))
    if (info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${masters}`) && info.includes('cluster_slots_ok:16384'))
      return
    await sleep(50)
  }
}

/** A master, its replica, and a Sentinel that watches them. */
export interface SentinelSetup {
  readonly master: Server
  readonly replica: Server
  readonly sentinel: Server
  readonly name: string
}

/** Starts all three. No master counts as failed by itself, for a slow one would too: `failOver` says so. */
export async function startSentinel(scope: Scope): Promise<SentinelSetup> {
  const name = 'scs'
  const { master, replica } = await startReplicated(scope)
  const sentinel = await startSentinelServer(scope, name, master.port)
  return { master, replica, sentinel, name }
}

/** A master with one replica that follows it. */
export async function startReplicated(scope: Scope): Promise<Pick<SentinelSetup, 'master' | 'replica'>> {
  const master = await startRedis(scope, ['--repl-diskless-sync-delay', '0'])
  const replica = await startRedis(scope, ['--replicaof', '127.0.0.1', String(master.port), '--repl-diskless-sync-delay', '0'])
  while (!(await replication(replica)).includes('master_link_status:up')) await sleep(20)
  return { master, replica }
}

const replication = async ({ port }: Server) => String(await call(port, 'INFO', 'replication'))

/** Waits until the replica has everything that the master has now. */
export async function untilReplicated({ master, replica }: Pick<SentinelSetup, 'master' | 'replica'>): Promise<void> {
  const offsetOf = async (server: Server, name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(await replication(server))?.[1])
  const wanted = await offsetOf(master, 'master_repl_offset')
  while (!((await offsetOf(replica, 'slave_repl_offset')) >= wanted)) await sleep(20)
}

/** Kills the master, and has Sentinel make the replica the master. */
export async function failOver({ master, sentinel, name }: SentinelSetup): Promise<void> {
  await master.kill()
  const address = async () => String(((await call(sentinel.port, 'SENTINEL', 'get-master-addr-by-name', name)) as string[])[1])
  // Refused until Sentinel knows enough of the replica, and while it is at it.
  for (; (await address()) === String(master.port); await sleep(50)) await call(sentinel.port, 'SENTINEL', 'FAILOVER', name).catch(() => {})
}

async function startSentinelServer(scope: Scope, name: string, master: number): Promise<Server> {
  const { writeFileSync, chmodSync } = await import('node:fs')
  const port = await freePort()
  const folder = serverFolder('sentinel')
  const file = `${folder}/sentinel.conf`
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${name} 127.0.0.1 ${master} 1`,
    `sentinel down-after-milliseconds ${name} 600000`,
    `sentinel failover-timeout ${name} 60000`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  chmodSync(file, 0o666)
  return startServer(scope, {
    port,
    folder,
    command: programPath('redis-server', 'redis-server'),
    args: [file, '--sentinel'],
    ready: () => call(port, 'PING'),
  })
}

/** One command on a connection of its own. */
export async function call(port: number, command: string, ...args: (string | number)[]): Promise<unknown> {
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  client.on('error', () => {})
  try {
    await client.connect()
    return await client.call(command, ...args)
  } finally {
    client.disconnect()
  }
}

/** A Redis for tests that only use it: one that stands already, named by SCS_TEST_REDIS, or one of the test's own. */
export async function useRedis(scope: Scope): Promise<string> {
  return process.env['SCS_TEST_REDIS'] ?? `redis://127.0.0.1:${(await startRedis(scope)).port}`
}
