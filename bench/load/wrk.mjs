import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { start } from './cores.mjs'

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url))

const isInstalled = () => spawnSync('wrk', ['-v']).error === undefined

/** wrk costs a fraction of what the servers cost, so that they are the limit, and can look at each reply. */
export function installWrk() {
  if (isInstalled()) return
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const [command, ...args] = [...sudo, 'apt-get', '-qq', 'install', '-y', 'wrk']
  spawnSync(command, args, { stdio: 'inherit' })
  if (!isInstalled()) throw new Error('The load comes from wrk, which is not installed here: apt-get install wrk, or brew install wrk')
}

/**
 * Sends requests for so many seconds; gives the replies a second, and the median and 99th percentile of their times in microseconds. Throws when
 * one reply was not what it must be.
 *
 * @param pattern what each body has to match, as Lua writes patterns
 */
export async function drive({ url, method, path, pattern, cookies, seconds, connections }) {
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', SCRIPT, url]
  const child = start('client', ['wrk', ...options, '--', method, path, '200', pattern, ...cookies], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (text) => {
    output += text
  })
  await once(child, 'close')
  const line = output.split('\n').find((each) => each.startsWith('{'))
  if (line === undefined) throw new Error(`wrk said ${output}`)
  const { requests, seconds: took, failed, wrong, p50, p99 } = JSON.parse(line)
  if (failed + wrong > 0) throw new Error(`of ${requests} requests to ${url}${path} ${failed} failed and ${wrong} had a wrong reply`)
  return { requests, rate: requests / took, p50, p99 }
}
