import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fail, root } from '../test/support/processes.mjs'
import { compilePackage } from './dist.mjs'

rmSync(join(root, 'dist'), { recursive: true, force: true })
const compiled = await compilePackage()
if (!compiled.ok) fail(`${compiled.output}\nbuild: tsc found errors, dist/ is not there`)
