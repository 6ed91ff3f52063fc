import { createRequire, register } from 'node:module'

// Preloaded by scripts/package.mjs: prints every file that is imported or required, one a line.
const hooks = `
import { writeSync } from 'node:fs'
export async function load(url, context, next) {
  if (url.startsWith('file:')) writeSync(1, url + '\\n')
  return next(url, context)
}`
register(`data:text/javascript,${encodeURIComponent(hooks)}`)
process.on('exit', () => console.log(Object.keys(createRequire(import.meta.url).cache).join('\n')))
