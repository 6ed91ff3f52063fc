import { type Script, scriptOf } from './runner.ts'

/** How much longer than its session an entry of an owner's index stays: longer than what a touch may add without a look at the index. */
const DAY = 86_400_000

/**
 * What each script begins with. ARGV[1] is the moment after which it must do nothing, KEYS[1] the payload, KEYS[2] its owner. An owner is
 * written as `=name`, and as nothing where there is none. A reply is a code, the time, and what belongs to the code.
 */
const START = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if tonumber(ARGV[1]) < now then return {-1, now} end

local function owner_of(o)
  local name = redis.call('GET', o)
  return name and '=' .. name or ''
end

local function holds(s, o, data, at, owner)
  return redis.call('GET', s) == data and redis.call('PEXPIRETIME', s) == tonumber(at) and owner_of(o) == owner
end

local function put(s, o, data, at, owner)
  if tonumber(at) <= now then
    redis.call('DEL', s, o)
    return
  end
  redis.call('SET', s, data, 'PXAT', at)
  if owner == '' then redis.call('DEL', o) else redis.call('SET', o, string.sub(owner, 2), 'PXAT', at) end
end

local function index(i, key, at)
  local stays = tonumber(at) + ${DAY}
  redis.call('ZREMRANGEBYSCORE', i, '-inf', now)
  redis.call('ZADD', i, stays, key)
  if redis.call('PEXPIRETIME', i) < stays then redis.call('PEXPIREAT', i, stays) end
end
`

/** On one server the index is kept in the same step. INDEX is what comes before an owner in an index's name. */
const SINGLE = `
local INDEX = ARGV[2]
local function cover(before, owner, o, key, at)
  if before ~= owner and before ~= '' then redis.call('ZREM', INDEX .. string.sub(before, 2), key) end
  if owner ~= '' then index(INDEX .. string.sub(owner, 2), key, at) end
  return true
end
local function uncover(owner, key)
  if owner ~= '' then redis.call('ZREM', INDEX .. string.sub(owner, 2), key) end
end
local function missing() return {0, now} end
`

/**
 * In a Cluster the index is in another slot and is written first: ARGV[2] says that it was. An entry stays a day longer than the expiry that
 * it was written for, so it need not be written again for an expiry of the same day. KEYS[3] says that the session is about to be
 * moved here, and from where.
 */
const CLUSTER = `
local INDEXED = ARGV[2] == '1'
local function day(at) return math.floor(tonumber(at) / ${DAY}) end
local function cover(before, owner, o, key, at)
  return owner == '' or INDEXED or (before == owner and day(redis.call('PEXPIRETIME', o)) == day(at))
end
local function uncover() end
local function missing()
  local from = redis.call('GET', KEYS[3])
  if from and from ~= '' then return {3, now, from} end
  return {0, now}
end
`

/** ARGV: data, at, owner, key. */
const CREATE = `
local data, at, owner, key = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if redis.call('EXISTS', KEYS[1]) == 1 then return {holds(KEYS[1], KEYS[2], data, at, owner) and 1 or 0, now} end
if not cover('', owner, KEYS[2], key, at) then return {2, now} end
put(KEYS[1], KEYS[2], data, at, owner)
return {1, now}
`

/** ARGV: previous, data, at, owner, key. */
const UPDATE = `
local previous, data, at, owner, key = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local held = redis.call('GET', KEYS[1])
if not held then return missing() end
if held ~= previous then return {holds(KEYS[1], KEYS[2], data, at, owner) and 1 or 0, now} end
local before = owner_of(KEYS[2])
if not cover(before, owner, KEYS[2], key, at) then return {2, now} end
put(KEYS[1], KEYS[2], data, at, owner)
return {1, now, before}
`

/** ARGV: previous, at, key. A payload that somebody left without an end gets one. */
const TOUCH = `
local previous, at, key = ARGV[3], tonumber(ARGV[4]), ARGV[5]
local held = redis.call('GET', KEYS[1])
if not held then return missing() end
if held ~= previous then return {0, now} end
local ends = redis.call('PEXPIRETIME', KEYS[1])
if ends >= at or at <= now then return {1, now} end
local owner = owner_of(KEYS[2])
if not cover(owner, owner, KEYS[2], key, at) then return {2, now, owner} end
redis.call('PEXPIREAT', KEYS[1], at)
redis.call('PEXPIREAT', KEYS[2], at)
return {1, now}
`

/** ARGV: whether to compare, previous, key. */
const DELETE = `
local held = redis.call('GET', KEYS[1])
if not held then return missing() end
if ARGV[3] == '1' and held ~= ARGV[4] then return {0, now} end
local owner = owner_of(KEYS[2])
redis.call('DEL', KEYS[1], KEYS[2])
uncover(owner, ARGV[5])
return {1, now, owner}
`

/** KEYS: old payload and owner, new ones, the trace's. ARGV: previous, data, at, owner, old key, new key, the trace's data and at. */
const RENAME = `
local previous, data, at, owner = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if redis.call('EXISTS', KEYS[3]) == 1 then return {holds(KEYS[3], KEYS[4], data, at, owner) and 1 or 0, now} end
if redis.call('GET', KEYS[1]) ~= previous then return {0, now} end
uncover(owner_of(KEYS[2]), ARGV[7])
redis.call('DEL', KEYS[1], KEYS[2])
if ARGV[10] ~= '' then put(KEYS[5], KEYS[6], ARGV[9], ARGV[10], '') end
cover('', owner, KEYS[4], ARGV[8], at)
put(KEYS[3], KEYS[4], data, at, owner)
return {1, now}
`

/** KEYS: the index. ARGV: owner, key to spare, and what names are made of: before a payload's key, before and after that of its owner. */
const DELETE_OWNED = `
local owner, spared = ARGV[3], ARGV[4]
local ended = 0
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if key ~= spared then
    local s, o = ARGV[5] .. key, ARGV[6] .. key .. ARGV[7]
    if owner_of(o) == owner then
      ended = ended + redis.call('DEL', s)
      redis.call('DEL', o)
    end
    redis.call('ZREM', KEYS[1], key)
  end
end
return {1, now, ended}
`

const FIND = `
local held = redis.call('GET', KEYS[1])
if not held then return missing() end
return {1, now, held, redis.call('PEXPIRETIME', KEYS[1]), owner_of(KEYS[2])}
`

const KEYS_OF = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return {1, now, redis.call('ZRANGE', KEYS[1], 0, -1)}
`

const single = (body: string): Script => scriptOf(START + SINGLE + body)
const cluster = (body: string): Script => scriptOf(START + CLUSTER + body)

/** The scripts of both: on one server, and within one slot of a Cluster. */
export interface Verbs {
  readonly find: Script
  readonly create: Script
  readonly update: Script
  readonly touch: Script
  readonly delete: Script
  readonly keysOf: Script
}

const verbs = (make: (body: string) => Script): Verbs => ({
  find: make(FIND),
  create: make(CREATE),
  update: make(UPDATE),
  touch: make(TOUCH),
  delete: make(DELETE),
  keysOf: make(KEYS_OF),
})

export const SINGLE_SCRIPTS = { ...verbs(single), rename: single(RENAME), deleteOwned: single(DELETE_OWNED) }

/**
 * Announces that a session may be moved here, if no payload is there. KEYS[3]: pending. ARGV: from where, for how long, and `trace` for a
 * trace, which several may announce and which is not announced again once it was put there.
 */
const STAGE = `
if ARGV[5] == 'trace' then
  redis.call('SET', KEYS[3], ARGV[3], 'NX', 'PX', ARGV[4])
  return {1, now}
end
if redis.call('EXISTS', KEYS[1]) == 1 then return {0, now} end
redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4])
return {1, now}
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
if not from or from == '' then return {0, now} end
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
