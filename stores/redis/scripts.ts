import { type Script, scriptOf } from './runner.ts'

/** How much longer than its session an entry of an owner's index stays: longer than what a touch may add without a look at the index. */
export const DAY = 86_400_000

/**
 * What each script begins with. ARGV[1] is the moment after which it must do nothing, KEYS[1] the payload, KEYS[2] its owner. An owner is
 * written as `=name`, and as nothing where there is none. A reply is a code, the time, and what belongs to the code.
 */
export const START = `
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
  redis.call('ZADD', i, 'GT', stays, key)
  redis.call('ZREMRANGEBYSCORE', i, '-inf', now)
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
return {1, now}
`

/** ARGV: previous, at, key. A payload without an end gets one; what is beside one that somebody else prolonged follows it. */
const TOUCH = `
local previous, at, key = ARGV[3], tonumber(ARGV[4]), ARGV[5]
local held = redis.call('GET', KEYS[1])
if not held then return missing() end
if held ~= previous then return {0, now} end
local ends, owner = redis.call('PEXPIRETIME', KEYS[1]), owner_of(KEYS[2])
if ends > at then at = ends end
local same = ends == at and (owner == '' or redis.call('PEXPIRETIME', KEYS[2]) == at)
if same or at <= now then return {1, now} end
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

/** The scripts of both: on one server, and within one slot of a Cluster. */
export interface Verbs {
  readonly find: Script
  readonly create: Script
  readonly update: Script
  readonly touch: Script
  readonly delete: Script
  readonly keysOf: Script
}

/** The verbs' scripts, with what comes before each. */
export const verbs = (make: (body: string) => Script): Verbs => ({
  find: make(FIND),
  create: make(CREATE),
  update: make(UPDATE),
  touch: make(TOUCH),
  delete: make(DELETE),
  keysOf: make(KEYS_OF),
})

export const SINGLE_SCRIPTS = { ...verbs(single), rename: single(RENAME), deleteOwned: single(DELETE_OWNED) }
