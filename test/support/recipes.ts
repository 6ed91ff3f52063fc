import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { blocksOf, compilePrograms, root } from './readme.ts'

/** What most recipes export. */
export interface Recipe {
  readonly app: FastifyInstance
}

/**
 * Compiles the programs of pages in docs/, and returns what imports one by its file's name: `await recipes('recipes/helmet')('helmet.ts')`.
 * Its exports are the caller's to name.
 */
export function recipes(...pages: readonly string[]): <T>(file: string) => Promise<T> {
  const programs = pages.flatMap((page) => blocksOf(`docs/${page}.md`).filter(({ file }) => file !== undefined))
  if (!existsSync(join(root, 'build/neighbours/node_modules')))
    throw new Error('The packages of test/neighbours are missing: run node scripts/neighbours.mjs')
  const built = compilePrograms(`neighbours/${pages[0]?.replace(/\W/g, '-')}`, programs)
  return async (file) => await import(built(file.replace(/\.ts$/, '.js')).href)
}
