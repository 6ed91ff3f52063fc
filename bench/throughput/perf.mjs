import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sum } from '../runner.mjs'

/** Whether Linux's perf is installed. Nothing but samples of processes needs it. */
export const hasPerf = () => spawnSync('perf', ['--version']).status === 0

/** Samples a second: not a divisor of what timers do. */
const OFTEN = 3999
const SELDOM = 499

/** Samples a process while some work is done: of each sample the frames, innermost first, as `{ symbol, file }`; and how long it took, in seconds. */
async function sampled(pid, frequency, work) {
  const folder = mkdtempSync(join(tmpdir(), 'scs-perf-'))
  const file = join(folder, 'data')
  try {
    const perf = spawn('perf', ['record', '-q', '-o', file, '-e', 'cpu-clock', '-F', String(frequency), '-g', '-p', String(pid)], {
      stdio: 'ignore',
    })
    const ended = once(perf, 'close')
    const done = await work()
    perf.kill('SIGINT')
    await ended
    const { stdout } = spawnSync('perf', ['script', '-i', file, '-F', 'ip,sym,dso'], {
      encoding: 'utf8',
      maxBuffer: 2 ** 31,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return {
      done,
      samples: stdout
        .split('\n\n')
        .map(framesOf)
        .filter((frames) => frames.length > 0),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A frame is a line: an address, the symbol, and in brackets the file that it is from. */
function framesOf(text) {
  const lines = text.split('\n').map((line) => /^\s*[0-9a-f]+ (.*) \((.*)\)$/.exec(line.trimEnd()))
  return lines.filter((line) => line !== null).map(([, symbol, file]) => ({ symbol, file }))
}

const shows = (frames, text) => frames.some(({ symbol }) => symbol.includes(text))

/** What `process.nextTick` calls in those processes of Node 20 that lost the fast way to make its object, for as long as they live. */
const SLOW_LITERAL = 'Runtime_DefineKeyedOwnPropertyInLiteral'

/** Whether a process under load makes such objects on the slow path; undefined where perf is not installed. */
export async function isInSlowMode(pid, work) {
  if (!hasPerf()) return await work().then(() => undefined)
  const { samples } = await sampled(pid, SELDOM, work)
  return samples.filter((frames) => shows(frames, SLOW_LITERAL)).length > samples.length / 100
}

/** Kinds of work, the first that fits. */
const KINDS = [
  ['kernel: waking the client', (frames) => shows(frames, 'sock_def_readable')],
  ['kernel: writing', (frames, leaf) => isKernel(leaf) && shows(frames, 'writev')],
  ['kernel: the rest', (_, leaf) => isKernel(leaf)],
  ['garbage collection', (frames) => shows(frames, 'CollectGarbage') || shows(frames, 'Scaveng')],
  ['the slow literal of Node 20', (frames) => shows(frames, SLOW_LITERAL)],
  ['compiled JavaScript', (_, leaf) => /perf-|JIT/.test(leaf.file)],
  ['builtins of V8', (_, leaf) => leaf.symbol.startsWith('Builtins_')],
  ['C++ of Node and V8, libc', () => true],
]
const isKernel = ({ file }) => file.includes('kernel')

function countedBy(samples, keyOf) {
  const counts = new Map()
  for (const frames of samples) {
    const key = keyOf(frames)
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count)
}

/** `JS:*name file:///…:line:column`: of the innermost function of JavaScript, its name and place in the package; undefined if it is another's. */
function ownFunction(frames, folder) {
  const script = frames.find(({ symbol }) => /^(JS|Eval|Script|Function):/.test(symbol))?.symbol
  if (!script?.includes(folder)) return undefined
  const [, name, place] = /^\w+:[*~^+]*'?(\S*) .*?(\S+?)(?::\d+)?$/.exec(script) ?? [undefined, script, '']
  return `${name || '(anonymous)'} ${place.slice(place.indexOf(folder) + folder.length + 1)}`
}

/**
 * Where a process spends its time under load, in microseconds a request: by kind of work, and by function of the package in `folder`, each
 * with what it calls in V8 and the kernel.
 */
export async function profileOf(pid, folder, work) {
  const { done, samples } = await sampled(pid, OFTEN, work)
  const inMicroseconds = ({ name, count }) => ({ name, share: count / samples.length, us: (count / OFTEN / done.requests) * 1e6 })
  const functions = countedBy(samples, (frames) => ownFunction(frames, folder)).map(inMicroseconds)
  const kinds = countedBy(samples, (frames) => KINDS.find(([, fits]) => fits(frames, frames[0]))[0]).map(inMicroseconds)
  return {
    samples: samples.length,
    kinds,
    functions,
    own: { share: sum(functions.map(({ share }) => share)), us: sum(functions.map(({ us }) => us)) },
  }
}
