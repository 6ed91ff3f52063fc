import { type Script, scriptOf } from './runner.ts'
import { START, verbs } from './scripts.ts'

/**
 * In a Cluster the index is in another slot and is written first: ARGV[2] says that it was. An entry stays a day longer than the expiry that
 * it was written for, so it need not be written again for an expiry of the same day. KEYS[3] says that the session is about to be
 * moved here, and from where.
 */
const CLUSTER = `
local INDEXED = ARGV[2] == '1'
local function cover(before, owner, o, key, at)
  return owner == '' or INDEXED or (before == owner and day(redis.call('PEXPIRETIME', o)) == day(at))
end
local function prolong(owner, o, key, at) return cover(owner, owner, o, key, at) end
local function recover() end
local function uncover() end
local function announced()
  local from = redis.call('GET', KEYS[3])
  if from and from ~= '' then return {3, now, from} end
end
local function missing() return announced() or {0, now} end
`

const cluster = (body: string): Script => scriptOf(START + CLUSTER + body)

/**
 * Announces that a session may be moved here. KEYS[3]: pending. ARGV: from where, for how long, and `trace` for a trace, which may replace what
 * is there. An announcement that was carried out, an empty one, is not made again: what was moved may have ended since.
 */
const STAGE = `
if ARGV[5] ~= 'trace' and redis.call('EXISTS', KEYS[1]) == 1 then return {0, now} end
redis.call('SET', KEYS[3], ARGV[3], 'NX', 'PX', ARGV[4])
return {redis.call('GET', KEYS[3]) == ARGV[3] and 1 or 0, now}
`

/**
 * The one step in which a session is moved: it is gone from its old key, and what it became is kept beside it until it stands under its new
 * key. KEYS[4]: moved. ARGV: previous, new key, data, at, owner, the trace's key, data and at, for how long.
 */
const DECIDE = `
local held = redis.call('GET', KEYS[1])
if not held then
  if redis.call('HGET', KEYS[4], 'to') == ARGV[4] then return {1, now, ''} end
  return missing()
end
if held ~= ARGV[3] then return {0, now} end
local owner = owner_of(KEYS[2])
redis.call('DEL', KEYS[1], KEYS[2], KEYS[4])
redis.call('HSET', KEYS[4], 'to', ARGV[4], 'data', ARGV[5], 'at', ARGV[6], 'owner', ARGV[7],
  'trace', ARGV[8], 'traceData', ARGV[9], 'traceAt', ARGV[10])
redis.call('PEXPIRE', KEYS[4], ARGV[11])
return {1, now, owner}
`

/** What was decided about a session that is gone from its key. KEYS[4]: moved. */
const DECIDED = `
return {1, now, redis.call('HMGET', KEYS[4], 'to', 'data', 'at', 'owner', 'trace', 'traceData', 'traceAt')}
`

/** Puts a payload where it was announced, once: an empty announcement says that it was. ARGV: data, at, owner. */
const PROMOTE = `
local from = redis.call('GET', KEYS[3])
if not from then return {0, now} end
if from == '' then return {1, now} end
put(KEYS[1], KEYS[2], ARGV[3], ARGV[4], ARGV[5])
redis.call('SET', KEYS[3], '', 'KEEPTTL')
return {1, now}
`

/** Ends a session if it is this owner's; says where it went when it is gone. KEYS[4]: moved. ARGV: owner. */
const END_OWNED = `
if redis.call('EXISTS', KEYS[1]) == 0 then
  local to = redis.call('HGET', KEYS[4], 'to')
  if to then return {0, now, to} end
  return missing()
end
if owner_of(KEYS[2]) ~= ARGV[3] then return {0, now} end
redis.call('DEL', KEYS[1], KEYS[2])
return {1, now}
`

/** KEYS: the index. ARGV: key, at. */
const INDEX = `
index(KEYS[1], ARGV[3], ARGV[4])
return {1, now}
`

/** KEYS: the index. ARGV: keys. */
const UNINDEX = `
for i = 3, #ARGV do redis.call('ZREM', KEYS[1], ARGV[i]) end
return {1, now}
`

/** The scripts of a Cluster: each works within one slot. */
export const CLUSTER_SCRIPTS = {
  ...verbs(cluster),
  stage: cluster(STAGE),
  decide: cluster(DECIDE),
  decided: cluster(DECIDED),
  promote: cluster(PROMOTE),
  endOwned: cluster(END_OWNED),
  index: cluster(INDEX),
  unindex: cluster(UNINDEX),
}
