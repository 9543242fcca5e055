import { maxLeaseMillis } from "@tokenkeep/core"
import { createHash } from "node:crypto"

/** A script that the server runs atomically. It is called by its digest, or by its source. */
export interface Script {
  readonly sha: string
  readonly source: string
}

/** The maximum size of a record, in bytes. A larger value at its key is not a token. */
export const maxRecord = 1_048_576

/** A token expires after a day without a save, in milliseconds (STO-6). */
const recordLife = 86_400_000

/** The last granted fence is kept longer than any record that could have it. */
const fenceLife = 2 * recordLife

// Each value starts with its fence. A value that does not, has another type or is too long is ignored, and overwritten.
const helpers = `
local function read(key)
  if redis.call('TYPE', key).ok ~= 'string' or redis.call('STRLEN', key) > ${maxRecord} then return '' end
  return redis.call('GET', key) or ''
end
local function fence(value)
  local number = tonumber(string.match(value, '^%-?%d+') or '')
  if number and number > -9007199254740992 and number < 9007199254740992 then return number end
end
`

const script = (body: string): Script => {
  const source = `${helpers}${body}`
  return { source, sha: createHash("sha1").update(source).digest("hex") }
}

/** KEYS: record. Returns its value if it can be a record. */
export const load = script(`
local value = read(KEYS[1])
return fence(value) and value
`)

/**
 * KEYS: record, lease, fence. ARGV: fence, encoded string, channel or '' for a quiet save. Returns 1 if the record was
 * saved. An equal fence is accepted, because it belongs to the same writer.
 */
export const save = script(`
for _, key in ipairs(KEYS) do
  local known = fence(read(key))
  if known and known > tonumber(ARGV[1]) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'PX', ${recordLife})
if ARGV[3] ~= '' then redis.call('PUBLISH', ARGV[3], 'saved') end
return 1
`)

/** KEYS: record. */
export const remove = script(`
return redis.call('DEL', KEYS[1])
`)

/**
 * KEYS: record, lease, fence. ARGV: owner, request, milliseconds. Returns 1 and the fence of the lease, or 0 with the
 * fence, remaining time and name of the current owner. A lease that lasts longer than is allowed is damaged.
 *
 * The fence starts from the server's clock, so that a server that lost its data does not reuse lower fences. The fence of
 * the record is considered too, because a client without a lease may have saved it.
 */
export const acquire = script(`
local lease = read(KEYS[2])
local of, owner = string.match(lease, '^(%d+) %S+ (.*)$')
local left = redis.call('PTTL', KEYS[2])
if owner and owner ~= ARGV[1] and left > 0 and left <= ${maxLeaseMillis} then return { 0, of, left, owner } end
local time = redis.call('TIME')
local next = time[1] * 1000 + math.floor(time[2] / 1000)
for _, key in ipairs(KEYS) do
  local known = fence(read(key)) or 0
  -- This is the highest fence: no later writer could replace the record.
  if known == 9007199254740991 then redis.call('DEL', key) else next = math.max(next, known + 1) end
end
local granted = string.format('%.0f', next)
redis.call('SET', KEYS[3], granted, 'PX', ${fenceLife})
redis.call('SET', KEYS[2], granted .. ' ' .. ARGV[2] .. ' ' .. ARGV[1], 'PX', ARGV[3])
return { 1, granted }
`)

/** KEYS: lease. ARGV: request, channel. Releases the lease only if it was granted to that request. */
export const release = script(`
if string.match(read(KEYS[1]), '^%d+ (%S+) ') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], 'released')
return 1
`)

// Returns false if there is no exclusive record, and an empty string if the value is not one.
const exclusiveHelper = `
local function exclusive(key)
  if redis.call('TYPE', key).ok == 'none' then return false end
  return string.match(read(key), '^[a-z0-9-]+ ".*"$') or ''
end
`

/**
 * KEYS: exclusive record, none. Returns its value, which is empty if it is not a record. A replica, which may be behind,
 * refuses DEL with READONLY, also if there is nothing to delete.
 */
export const loadExclusive = script(`${exclusiveHelper}
redis.call('DEL', KEYS[2])
return exclusive(KEYS[1])
`)

/**
 * KEYS: exclusive record, lease, fence. ARGV: version, encoded string, channel, expected version or '', fence or ''.
 * Returns 1 if the record is the new one, 0 if the replace is refused, and -1 if the value is not a record. A record never
 * expires.
 */
export const replaceExclusive = script(`${exclusiveHelper}
local value = exclusive(KEYS[1])
if value == '' then return -1 end
local version = value and string.match(value, '^%S+') or ''
if version == ARGV[1] then return 1 end
if version ~= ARGV[4] then return 0 end
for _, key in ipairs({ KEYS[2], KEYS[3] }) do
  local granted = ARGV[5] ~= '' and fence(read(key))
  if granted and granted > tonumber(ARGV[5]) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
redis.call('PUBLISH', ARGV[3], 'replaced')
return 1
`)
