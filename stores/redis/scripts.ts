import { createHash } from 'node:crypto'

/** A script: its digest for `evalshaBuffer`, its source for `evalBuffer`. */
export interface Script {
  readonly evalshaBuffer: string
  readonly evalBuffer: string
}

/** How much longer than its session an entry of an owner's index stays, in milliseconds: a touch within the same day need not write the index. */
const DAY = 86_400_000

/**
 * The beginning of each script. ARGV[1] is the moment after which it must do nothing, KEYS[1] the payload, KEYS[2] its owner, which is left out where
 * the client has no right to use it. An owner is passed as `=name`, or as an empty string for none. A reply is a code, the time, and what belongs to
 * the code.
 */
const START = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if tonumber(ARGV[1]) < now then return {-1, now} end

local function owner_of(o)
  local name = o and redis.call('GET', o)
  return name and '=' .. name or ''
end

local function drop(s, o)
  if o then redis.call('DEL', o) end
  return redis.call('DEL', s)
end

local function holds(s, o, data, at, owner)
  return redis.call('GET', s) == data and redis.call('PEXPIRETIME', s) == tonumber(at) and owner_of(o) == owner
end

local function put(s, o, data, at, owner)
  if tonumber(at) <= now then
    drop(s, o)
    return
  end
  redis.call('SET', s, data, 'PXAT', at)
  if owner ~= '' then redis.call('SET', o, string.sub(owner, 2), 'PXAT', at) elseif o then redis.call('DEL', o) end
end

local function day(at) return math.floor(tonumber(at) / ${DAY}) end

local function index(i, key, at)
  local stays = tonumber(at) + ${DAY}
  redis.call('ZADD', i, 'GT', stays, key)
  redis.call('ZREMRANGEBYSCORE', i, '-inf', now)
  if redis.call('PEXPIRETIME', i) < stays then redis.call('PEXPIREAT', i, stays) end
end
`

/**
 * On one server the same script updates the index. Its name is INDEX and a digest of the owner, who is often an e-mail address: more people see names
 * than values. A read restores an entry that was evicted.
 */
const SINGLE = `
local INDEX = ARGV[2]
local function index_of(owner) return INDEX .. redis.sha1hex(string.sub(owner, 2)) end
local function cover(before, owner, o, key, at)
  if before ~= owner and before ~= '' then redis.call('ZREM', index_of(before), key) end
  if owner ~= '' then index(index_of(owner), key, at) end
  return true
end
local function prolong(owner, o, key, at)
  if owner ~= '' and day(redis.call('PEXPIRETIME', o)) ~= day(at) then index(index_of(owner), key, at) end
  return true
end
local function recover(owner, key, at)
  if owner ~= '' and at > 0 and not redis.call('ZSCORE', index_of(owner), key) then pcall(index, index_of(owner), key, at) end
end
local function uncover(owner, key)
  if owner ~= '' then redis.call('ZREM', index_of(owner), key) end
end
local function missing() return {0, now} end
`

/** ARGV: key, data, at, owner. */
const CREATE = `
local key, data, at, owner = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if redis.call('EXISTS', KEYS[1]) == 1 then return {holds(KEYS[1], KEYS[2], data, at, owner) and 1 or 0, now} end
local found = missing()
if found[1] ~= 0 then return found end
cover('', owner, KEYS[2], key, at)
put(KEYS[1], KEYS[2], data, at, owner)
return {1, now}
`

/** ARGV: key, data, at, owner, previous. */
const UPDATE = `
local key, data, at, owner, previous = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local held = redis.call('GET', KEYS[1])
if not held then return missing() end
if held ~= previous then return {holds(KEYS[1], KEYS[2], data, at, owner) and 1 or 0, now} end
if not cover(owner_of(KEYS[2]), owner, KEYS[2], key, at) then return {2, now, owner, at} end
put(KEYS[1], KEYS[2], data, at, owner)
return {1, now}
`

/** ARGV: key, at, previous. A payload without an expiry gets one. The owner's key gets the expiry of a payload that SCS has prolonged. */
const TOUCH = `
local key, at, previous = ARGV[3], tonumber(ARGV[4]), ARGV[5]
local held = redis.call('GET', KEYS[1])
if not held then return missing() end
if held ~= previous then return {0, now} end
local ends, owner = redis.call('PEXPIRETIME', KEYS[1]), owner_of(KEYS[2])
if ends > at then at = ends end
local same = ends == at and (owner == '' or redis.call('PEXPIRETIME', KEYS[2]) == at)
if same or at <= now then return {1, now} end
if not prolong(owner, KEYS[2], key, at) then return {2, now, owner, at} end
redis.call('PEXPIREAT', KEYS[1], at)
if KEYS[2] then redis.call('PEXPIREAT', KEYS[2], at) end
return {1, now}
`

/** ARGV: key, and previous if it must be compared. */
const DELETE = `
local held = redis.call('GET', KEYS[1])
if not held then return missing() end
if ARGV[4] and held ~= ARGV[4] then return {0, now} end
local owner = owner_of(KEYS[2])
drop(KEYS[1], KEYS[2])
uncover(owner, ARGV[3])
return {1, now, owner}
`

/** ARGV: key. */
const FIND = `
local held = redis.call('GET', KEYS[1])
if not held then return missing() end
local at, owner = redis.call('PEXPIRETIME', KEYS[1]), owner_of(KEYS[2])
recover(owner, ARGV[3], at)
return {1, now, held, at, owner}
`

/**
 * KEYS: the payloads of the old key, the new key and the renewal record, then their owners. ARGV: old key, previous, new key, data, at, owner, then data
 * and at of the renewal record, if there is one.
 */
const RENAME = `
local key, previous, newKey, data, at, owner = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]
if redis.call('EXISTS', KEYS[2]) == 1 then return {holds(KEYS[2], KEYS[5], data, at, owner) and 1 or 0, now} end
if redis.call('GET', KEYS[1]) ~= previous then return {0, now} end
uncover(owner_of(KEYS[4]), key)
drop(KEYS[1], KEYS[4])
if ARGV[9] then put(KEYS[3], KEYS[6], ARGV[9], ARGV[10], '') end
cover('', owner, KEYS[5], newKey, at)
put(KEYS[2], KEYS[5], data, at, owner)
return {1, now}
`

/**
 * KEYS: the index. ARGV: owner, excepted key, the parts of names (before a payload's key, before and after an owner's key), and the last position to
 * read. Returns how many sessions ended and how many entries were removed from the index.
 */
const DELETE_OWNED = `
local owner, spared = ARGV[2], ARGV[3]
local ended, seen = 0, 0
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, ARGV[7])) do
  if key ~= spared then
    local s, o = ARGV[4] .. key, ARGV[5] .. key .. ARGV[6]
    if owner_of(o) == owner then ended = ended + drop(s, o) end
    redis.call('ZREM', KEYS[1], key)
    seen = seen + 1
  end
end
return {1, now, ended, seen}
`

const LISTED = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return {1, now, redis.call('ZRANGE', KEYS[1], 0, -1)}
`

export function scriptOf(body: string, hooks = ''): Script {
  const source = START + hooks + body
  return { evalshaBuffer: createHash('sha1').update(source).digest('hex'), evalBuffer: source }
}

/** The verbs on one key. `hooks`: the Lua functions that keep the index and follow moves. */
export const verbs = (hooks: string) => ({
  find: scriptOf(FIND, hooks),
  create: scriptOf(CREATE, hooks),
  update: scriptOf(UPDATE, hooks),
  touch: scriptOf(TOUCH, hooks),
  delete: scriptOf(DELETE, hooks),
})

export type Verb = keyof ReturnType<typeof verbs>

/** KEYS: the index of an owner. */
export const KEYS_OF = scriptOf(LISTED)

export const SINGLE_SCRIPTS = { ...verbs(SINGLE), rename: scriptOf(RENAME, SINGLE), deleteOwned: scriptOf(DELETE_OWNED) }
