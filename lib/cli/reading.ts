import { publicId } from '../token.ts'
import { counted } from './concurrently.ts'
import { FailedError } from './errors.ts'
import { harmless, jsonOf, type Line, Printer, shown } from './output.ts'
import type { Found, Sessions } from './sessions.ts'
import type { Terminal } from './terminal.ts'
import { timeLeft } from './time-left.ts'

/** What a command that only reads was asked for. */
export interface Question {
  readonly owner: string | undefined
  readonly limit: number
  readonly isJson: boolean
}

/** A moment in ISO 8601; null for one that no Date can name: a Redis key may have no expiry. */
const isoOf = (at: number | Date) => new Date(at).toJSON() as string | null

/** What is said of a session without its values. */
function summaryOf({
  session: { id, expiresAt, deadline, isForeign },
  owner = null,
}: {
  session: Found['session']
  owner?: string | null | undefined
}) {
  return { id, owner, expiresAt, expires: isoOf(expiresAt), deadline: isoOf(deadline), isForeign }
}

function lineOf(found: Found): Line {
  const { id, expiresAt, isForeign } = found.session
  const json = summaryOf(found)
  return {
    json,
    cells: [id, found.owner ?? '', timeLeft(expiresAt - Date.now()), json.expires ?? 'never', isForeign ? 'another codec' : ''],
  }
}

/** Lists sessions, as they come from the store. */
export async function list(sessions: Sessions, { owner, limit, isJson }: Question, terminal: Terminal): Promise<void> {
  const printer = new Printer(terminal, isJson, ['id', 'owner', 'time left', 'expires', 'payload'])
  let left = limit
  for await (const found of sessions.all(owner)) {
    await printer.add(lineOf(found))
    if (--left === 0) break
  }
  await printer.end()
}

/** Says how many sessions live. */
export async function count(sessions: Sessions, { owner, isJson }: Question, terminal: Terminal): Promise<void> {
  const living = owner === undefined ? await sessions.count() : await counted(sessions.all(owner))
  await terminal.write(isJson ? `${jsonOf({ count: living })}\n` : `${living}\n`)
}

/** Shows one session with its values. Throws a FailedError where there is none. */
export async function show(sessions: Sessions, id: string, { owner, isJson }: Question, terminal: Terminal): Promise<void> {
  const found = await foundBy(sessions, id, owner)
  const { values } = found.session
  if (isJson) return await terminal.write(`${jsonOf({ ...summaryOf(found), values })}\n`)
  const printer = new Printer(terminal, false, ['', ''])
  const { owner: named, expires, deadline, isForeign } = summaryOf(found)
  const lines = {
    id,
    owner: named ?? '',
    'time left': timeLeft(found.session.expiresAt - Date.now()),
    expires,
    deadline,
    ...(isForeign ? { payload: 'another codec wrote it' } : {}),
    ...Object.fromEntries(Object.entries(values).map(([key, value]) => [`values.${key}`, shown(value)])),
  }
  for (const [name, text] of Object.entries(lines)) await printer.add({ json: {}, cells: [name, harmless(text ?? 'never')] })
  await printer.end()
}

/** No key can be computed from an id, so the sessions are searched. */
async function foundBy(sessions: Sessions, id: string, owner: string | undefined): Promise<Found> {
  for await (const entry of sessions.entries()) {
    const found = publicId(entry.key) === id ? sessions.found(entry) : undefined
    if (found !== undefined && (owner === undefined || found.owner === owner)) return found
  }
  throw new FailedError('no living session has this id')
}
