import { table } from '../../test/support/markdown.mjs'
import { show } from './verdict.mjs'

const MB = 2 ** 20
const HEAD = ['', 'second quarter', 'last quarter', 'at most', 'slope per hour', '']
const counts = (object) => Object.entries(object).map(([name, count]) => `${name}: ${count}`)

/** A run for the eyes. */
export function reportOf({ store, requests, statuses, blinks, seen, trends, start, end, rows, late, busy, said, ended, faults }) {
  const cells = trends.map(({ name, second, last, allowed, perHour, verdict }) => [
    ...[name, show(second), show(last), show(allowed)],
    ...[`${perHour < 0 ? '' : '+'}${show(perHour)}`, verdict],
  ])
  return [
    `\n${store}: ${requests} requests (${counts(statuses).join(', ')}); blinks ${counts(blinks).join(', ')}; ${seen} sessions looked at in the end; ${late} late${busy ? ' on a busy machine' : ''}`,
    trends.length === 0 ? 'Too short to tell a trend.' : table(HEAD, cells),
    `after everything expired: ${rows} rows; heap ${show(start.heap / MB)} MB at the start, ${show(end.heap / MB)} MB at the end`,
    `handles at the start ${counts(start.handles).join(', ')}, files ${start.files}; at the end ${counts(end.handles).join(', ')}, files ${end.files}`,
    `logged: ${counts(said).join(', ') || 'nothing'}`,
    ended === undefined ? 'the process did not end by itself' : `the process ended ${ended} ms after its close`,
    ...faults.map((fault) => `FAULT ${fault}`),
  ].join('\n')
}
