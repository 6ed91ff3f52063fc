import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fail, root, tool } from '../test/support/processes.mjs'
import { declareForCommonJs } from './declarations.mjs'

rmSync(join(root, 'dist'), { recursive: true, force: true })
const compiled = await tool('tsc', ['-p', 'tsconfig.build.json'])
if (compiled.ok) declareForCommonJs()
else fail(`${compiled.output}\nbuild: tsc found errors, dist/ is not there`)
