import { table } from '../../test/support/markdown.mjs'
import { alone } from './alone.mjs'
import { format } from './figures.mjs'

const { whole, tenths, hundredths } = format

export const measureLmdb = ({ sizes }) => alone('lmdb', 'lmdb', { sizes })

export function lmdbText({ finds, closeMs, openMs, expiry }) {
  const rows = finds.map(({ size, bytes, find }) => [
    whole(size),
    ...[find.median, find.min, find.max].map(whole),
    hundredths(find.ratio),
    whole(bytes),
  ])
  const shape = (label, { count, p50, p99, max }) => [label, whole(count), hundredths(p50), hundredths(p99), tenths(max)]
  const cleaning = [
    shape('batches, on the disk', expiry.batches),
    shape('reads meanwhile', expiry.calls),
    shape('event loop meanwhile', expiry.loop),
  ]
  return `## LmdbStore

${table(['sessions', 'ns a find, median', 'min', 'max', 'to the fewest', 'bytes of the file a session'], rows)}

Closing takes ${tenths(closeMs)} ms with ${whole(finds.at(-1).size)} sessions, opening with a first find ${tenths(openMs)} ms.

${table([`removing ${whole(expiry.removed)} expired, ms`, 'count', 'p50', 'p99', 'max'], cleaning)}`
}

/** Loaded late: it compiles the tests' servers. */
export async function measureSql({ sizes }) {
  const { loadEngines, owner } = await import('../../test/support/engines.mjs')
  const engines = await loadEngines()
  const { PostgresStore } = await import('../../build/stores/postgres.js')
  const { MysqlStore } = await import('../../build/stores/mysql.js')
  const { sql } = await import('./sql.mjs')
  return sql({ sizes }, engines, owner, { PostgreSQL: PostgresStore, MariaDB: MysqlStore })
}

export function sqlText(results) {
  const rows = results.map(({ name, size, p50, p99, rate, first }) => [
    `${name}, ${whole(size)}`,
    hundredths(p50),
    hundredths(p99),
    ...[rate.median, rate.min, rate.max].map(whole),
    hundredths(rate.ratio),
    tenths(first),
  ])
  const head = ['', 'find p50 ms', 'p99 ms', 'reads/s, median', 'min', 'max', 'to the fewest', 'first find ms']
  return `## PostgresStore and MysqlStore

${table(head, rows)}

Eight readers, each one read after the other; 1 GB of memory for the tables; server and client share the machine. The first find is that of a new pool:
connecting, preparing and reading.`
}
