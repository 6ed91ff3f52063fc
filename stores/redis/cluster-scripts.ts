import { scriptOf, verbs } from './scripts.ts'

/**
 * In a Cluster the index is in another slot and is written first; ARGV[2] is '1' if it was. An entry stays a day longer than the expiry for which it was
 * written, so an expiry on the same day needs no new one. KEYS[3] announces that the session may be moved here, and names its old key; KEYS[4] says to
 * which key it was moved.
 */
const CLUSTER = `
local INDEXED = ARGV[2] == '1'
local function cover(before, owner, o, key, at)
  return owner == '' or INDEXED or (before == owner and day(redis.call('PEXPIRETIME', o)) == day(at))
end
local function prolong(owner, o, key, at) return cover(owner, owner, o, key, at) end
local function recover() end
local function uncover() end
local function missing()
  local from, to = redis.call('GET', KEYS[3]), redis.call('HGET', KEYS[4], 'to')
  if from and from ~= '' then return {3, now, to, from} end
  return {0, now, to}
end
`

/**
 * Announces that a session may be moved here. ARGV[4]: the old key, the milliseconds to keep the announcement, and `trace` for a renewal record, which
 * may replace what is here. An empty announcement was carried out, and is not repeated: the session may have ended since.
 */
const STAGE = `
if ARGV[6] ~= 'trace' and redis.call('EXISTS', KEYS[1]) == 1 then return {0, now} end
redis.call('SET', KEYS[3], ARGV[4], 'NX', 'PX', ARGV[5])
return {redis.call('GET', KEYS[3]) == ARGV[4] and 1 or 0, now}
`

/**
 * The one step that moves a session: it deletes the payload under the old key and keeps beside it what is to be written under the new key and under the
 * renewal record's. ARGV[4]: previous, the milliseconds to keep that, then key, data, at and owner of each.
 */
const DECIDE = `
local held, to = redis.call('GET', KEYS[1]), ARGV[6]
if not held then
  if redis.call('HGET', KEYS[4], 'to') == to then return {1, now, ''} end
  return missing()
end
if held ~= ARGV[4] then return {0, now} end
local owner = owner_of(KEYS[2])
redis.call('DEL', KEYS[1], KEYS[2], KEYS[4])
redis.call('HSET', KEYS[4], 'to', to)
for i = 6, #ARGV, 4 do
  local key = ARGV[i]
  redis.call('HSET', KEYS[4], 'data ' .. key, ARGV[i + 1], 'at ' .. key, ARGV[i + 2], 'owner ' .. key, ARGV[i + 3])
end
redis.call('PEXPIRE', KEYS[4], ARGV[5])
return {1, now, owner}
`

/** What DECIDE kept for another key. ARGV[4]: that key. */
const DECIDED = `
local key = ARGV[4]
return {1, now, redis.call('HMGET', KEYS[4], 'data ' .. key, 'at ' .. key, 'owner ' .. key)}
`

/**
 * Writes an announced payload, once: then the announcement is empty. A session may have been moved away from this key before; that no longer counts.
 * ARGV[4]: data, at, owner.
 */
const PROMOTE = `
local from = redis.call('GET', KEYS[3])
if not from then return {0, now} end
if from == '' then return {1, now} end
put(KEYS[1], KEYS[2], ARGV[4], ARGV[5], ARGV[6])
redis.call('SET', KEYS[3], '', 'KEEPTTL')
redis.call('HDEL', KEYS[4], 'to')
return {1, now}
`

/** Ends a session if it is this owner's and its key is not the excepted one. ARGV[4]: owner, excepted key. */
const END_OWNED = `
if ARGV[3] == ARGV[5] then return {0, now} end
if redis.call('EXISTS', KEYS[1]) == 0 then return missing() end
if owner_of(KEYS[2]) ~= ARGV[4] then return {0, now} end
redis.call('DEL', KEYS[1], KEYS[2])
return {1, now}
`

/** KEYS: the index. ARGV: key, at. */
const INDEX = `
index(KEYS[1], ARGV[2], ARGV[3])
return {1, now}
`

/** KEYS: the index. ARGV: keys. */
const UNINDEX = `
for i = 2, #ARGV do redis.call('ZREM', KEYS[1], ARGV[i]) end
return {1, now}
`

/** The scripts of a Cluster: each works within one slot. Those of a session have its key as ARGV[3]. */
export const CLUSTER_SCRIPTS = {
  ...verbs(CLUSTER),
  stage: scriptOf(STAGE, CLUSTER),
  decide: scriptOf(DECIDE, CLUSTER),
  decided: scriptOf(DECIDED, CLUSTER),
  promote: scriptOf(PROMOTE, CLUSTER),
  endOwned: scriptOf(END_OWNED, CLUSTER),
  index: scriptOf(INDEX),
  unindex: scriptOf(UNINDEX),
}
