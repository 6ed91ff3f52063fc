import { types } from 'node:util'
import type { DecodedSession, SessionTypes, SessionValues } from '../../../types/codec.ts'
import { isOpaque } from '../../data/foreign.ts'
import { PayloadError } from '../../errors.ts'
import { GobDecoder } from './decoder.ts'
import { GobEncoder } from './encoder.ts'
import { PREFIX } from './prefix.ts'
import { momentOf, ZERO_TIME } from './time.ts'
import { TypeIds } from './type-ids.ts'
import type { GoType, Note, StructType } from './types.ts'
import { GobWriter } from './writer.ts'

const SESSION_ID = 65

export function encodeSession(deadline: number, values: SessionValues, types: SessionTypes | undefined): Uint8Array {
  const [writer, ids] = [new GobWriter(512), new TypeIds()]
  const encoder = new GobEncoder(writer, ids)
  writer.int(SESSION_ID)
  writer.uint(1)
  encoder.time(deadline, types?.ofDeadline as Note | undefined)
  writer.uint(1)
  const keys = Object.keys(values).filter((key) => values[key] !== undefined)
  writer.uint(keys.length)
  for (const key of keys) encoder.entry(key, values[key], types?.keys.get(key) as Note | undefined)
  writer.uint(0)
  const out = new GobWriter(writer.bytes.length + 128)
  out.append(PREFIX)
  ids.define(out)
  out.raw(writer.bytes)
  return out.bytes
}

export function decodeSession(data: Uint8Array): DecodedSession {
  const { type, value, note } = new GobDecoder(data).decodeStruct()
  checkFields(type)
  const { Deadline, Values = {} } = value
  const keys = note?.parts?.get('Values')?.parts
  const late = lateDeadline(Deadline)
  const ofDeadline = late ?? note?.parts?.get('Deadline')
  const at = types.isDate(Deadline) ? Deadline.getTime() : ((late?.same as number | undefined) ?? ZERO_TIME)
  const session = { deadline: at, values: Values as Record<string, unknown> }
  // The keys of a map of strings are strings.
  const known = { keys: (keys ?? NO_KEYS) as ReadonlyMap<string, Note>, ofDeadline }
  return keys === undefined && ofDeadline === undefined ? session : { ...session, types: known }
}

const NO_KEYS: ReadonlyMap<string, Note> = new Map()

/** As Go does: fields may be missing, but not all, and none may have another type. */
function checkFields({ fields }: StructType): void {
  const [deadline, values] = ['Deadline', 'Values'].map((name) => fields.find((field) => field.name === name)?.type)
  if (deadline === undefined && values === undefined) throw new PayloadError('it has neither a deadline nor values')
  if (deadline !== undefined && !(deadline.kind === 'own' && deadline.isTime)) throw new PayloadError('its deadline is no time')
  if (values !== undefined && !isAnyMap(values)) throw new PayloadError('its values are no map')
}

const isAnyMap = (type: GoType): boolean => type.kind === 'map' && type.key.kind === 'string' && type.elem.kind === 'interface'

/** A deadline that no Date can name is one all the same; that it is too late is said elsewhere. */
function lateDeadline(value: unknown): Note | undefined {
  if (!isOpaque(value)) return undefined
  const raw = Buffer.from(value.base64, 'base64')
  const same = momentOf(raw)
  if (same === undefined) throw new PayloadError('its deadline is no time')
  return { raw, same }
}
