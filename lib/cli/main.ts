#!/usr/bin/env node
import { run } from './run.ts'
import { terminalOf, whenInterrupted } from './terminal.ts'

process.exitCode = await run(process.argv.slice(2), terminalOf(process, whenInterrupted(process)))
