// `node bench/scaling.mjs`: makes the tables of docs/scaling.md anew, from what bench/results/ holds; nothing is measured.
import { readFileSync, writeFileSync } from 'node:fs'
import { withTables } from '../test/support/markdown.mjs'
import { readConflicts, readFigures } from './scaling/figures.mjs'
import { tablesOf } from './scaling/page.mjs'

const PAGE = new URL('../docs/scaling.md', import.meta.url)
writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8'), tablesOf(readFigures(), readConflicts())))
