import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { root } from '../support/readme.ts'

const load = async (name: string) => await import(pathToFileURL(join(root, 'test/support', name)).href)
const { bundles, compile, compilers, esbuild, makeProject, program, typed, withLmdb } = await load('consumers.mjs')
const { packBuilt } = await load('consumer.mjs')
const { run } = await load('processes.mjs')

const folder = t.testdir()
const { path } = await packBuilt(folder)
const project = join(folder, 'project')
await makeProject(project, path, { 'package.json': '{ "type": "module" }', 'app.mjs': program, 'lmdb.mjs': withLmdb })

for (const [what, format, banner, text] of bundles)
  t.test(`an application with a schema, bundled by esbuild to ${what}, logs in and reads back`, async (t) => {
    const out = join(t.testdir(), `app.${format === 'cjs' ? 'cjs' : 'mjs'}`)
    const entry = join(project, text === program ? 'app.mjs' : 'lmdb.mjs')
    const settings = { bundle: true, platform: 'node', format, outfile: out, banner, external: ['lmdb'] }
    const { warnings } = await esbuild().build({ ...settings, entryPoints: [entry], logLevel: 'silent' })
    t.strictSame(warnings, [])
    if (text === withLmdb) {
      mkdirSync(join(out, '../node_modules'))
      symlinkSync(join(root, 'node_modules/lmdb'), join(out, '../node_modules/lmdb'))
    }
    const { output } = await run(process.execPath, [out], { cwd: join(out, '..'), env: { NODE_PATH: '' } })
    t.equal(output, 'seen ada\n')
  })

for (const [type, options, names] of compilers)
  for (const compiler of names)
    t.test(`an application compiles with ${compiler}, libraries checked, as ${type}: ${JSON.stringify(options)}`, async (t) => {
      const place = join(project, `${compiler}-${type}-${options.module}`)
      mkdirSync(place)
      const strict = { target: 'es2022', strict: true, exactOptionalPropertyTypes: true, esModuleInterop: true, skipLibCheck: false }
      const compilerOptions = { ...strict, noEmit: true, types: ['node'], ...options }
      makeFiles(place, { 'package.json': { type }, 'tsconfig.json': { compilerOptions, files: ['app.ts'] } })
      const { output } = await compile(compiler, place)
      // Drivers and Fastify have faults of their own where libraries are checked.
      const ours = output.split('\n').filter((line: string) => /fastify-scs|^app\.ts/.test(line))
      t.strictSame(ours, [])
    })

function makeFiles(place: string, files: Record<string, object>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(place, name), JSON.stringify(content))
  writeFileSync(join(place, 'app.ts'), typed)
}
