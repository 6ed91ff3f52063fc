import { type Call, readArguments } from './arguments.ts'
import { CARRY_OUT } from './commands.ts'
import { checkOptions } from './connect.ts'
import { EXIT, InterruptedError, messageOf, UsageError, withoutSecrets } from './errors.ts'
import { harmless } from './output.ts'
import type { Terminal } from './terminal.ts'
import { placeOf } from './urls.ts'
import { USAGE } from './usage.ts'

/** Does what the arguments ask for, and returns the exit code. Whatever it says of a failure has no password, token or key in it. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const secrets = new Set<string>()
  try {
    const call = readArguments(args)
    if (call === 'help') await terminal.write(USAGE)
    else if (call === 'version') await terminal.write(`${ownVersion()}\n`)
    else await carryOut(call, terminal, secrets)
    return terminal.signal.aborted ? EXIT.interrupted : EXIT.done
  } catch (error) {
    if (error instanceof InterruptedError || terminal.signal.aborted) return EXIT.interrupted
    terminal.say(`fastify-scs: ${harmless(withoutSecrets(messageOf(error), secrets))}\n`)
    return error instanceof UsageError ? EXIT.usage : EXIT.failed
  }
}

async function carryOut(call: Call, terminal: Terminal, secrets: Set<string>): Promise<void> {
  const places = call.urls.map((url) => placeOf(url, terminal.env, secrets))
  checkOptions(places, call.options)
  await CARRY_OUT[call.command]({ ...call, places, terminal })
}

function ownVersion(): string {
  const required = process.getBuiltinModule('node:module').createRequire(import.meta.url)
  return (required('fastify-scs/package.json') as { version: string }).version
}
