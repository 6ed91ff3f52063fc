import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'

/** What the servers run on, by the name that the command line has for it, and how it differs from how the tests start it. */
export const databases = {
  redis: {
    engine: 'Redis',
    settings: ['--appendfsync', 'everysec'],
    said: 'appendonly yes, appendfsync everysec',
    async pid({ port }) {
      const redis = new Redis(port, '127.0.0.1')
      const info = await redis.info('server')
      redis.disconnect()
      return Number(/process_id:(\d+)/.exec(info)[1])
    },
  },
  postgres: {
    engine: 'PostgreSQL',
    settings: ['-c', 'fsync=on', '-c', 'shared_buffers=256MB'],
    said: 'fsync and synchronous_commit on, shared_buffers 256 MB, a pool of 10 connections in each process',
    pid: async ({ folder }) => Number(readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]),
  },
}
