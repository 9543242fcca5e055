import { createHash } from "node:crypto"

/** A script that a server runs as one step: by its digest where it knows it, else by its text. */
export interface Script {
  readonly sha: string
  readonly source: string
}

/** No more of a record than this is read or written, in bytes: whatever else is at its key is not a token. */
export const maxRecord = 1_048_576

/** How long a record is kept, in milliseconds: a token that nobody has saved again for a day is nobody's (STO-6). */
const recordLife = 86_400_000

/** How long the last fence that was granted is remembered: longer than any record that could carry it. */
const fenceLife = 2 * recordLife

// Every value starts with its fence. What does not, is of another type or is too long counts as nothing, and is replaced.
const reading = `
local function text(key)
  if redis.call('TYPE', key).ok ~= 'string' or redis.call('STRLEN', key) > ${maxRecord} then return '' end
  return redis.call('GET', key) or ''
end
local function fence(value)
  local number = tonumber(string.match(value, '^%-?%d+') or '')
  if number and number > -9007199254740992 and number < 9007199254740992 then return number end
end
`

const script = (body: string): Script => {
  const source = `${reading}${body}`
  return { source, sha: createHash("sha1").update(source).digest("hex") }
}

/** KEYS: record. Answers what is there, if it can be a record. */
export const load = script(`
local value = text(KEYS[1])
return fence(value) and value
`)

/**
 * KEYS: record, lease, fence. ARGV: fence, text, channel. Answers 1 if it saved. An equal fence is the same writer, who
 * may save twice.
 */
export const save = script(`
for _, key in ipairs(KEYS) do
  local known = fence(text(key))
  if known and known > tonumber(ARGV[1]) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'PX', ${recordLife})
redis.call('PUBLISH', ARGV[3], 'saved')
return 1
`)

/** KEYS: record. */
export const remove = script(`
return redis.call('DEL', KEYS[1])
`)

/**
 * KEYS: record, lease, fence. ARGV: owner, request, milliseconds. Answers 1 and the lease's fence, or 0 and the other's
 * fence, time left and name.
 *
 * The fence starts from the server's clock, so that a server which lost its data does not start from one again; a
 * record's fence counts as well, since a client without a lease may have saved it.
 */
export const acquire = script(`
local held = text(KEYS[2])
local of, owner = string.match(held, '^(%d+) %S+ (.*)$')
local left = redis.call('PTTL', KEYS[2])
if owner and owner ~= ARGV[1] and left > 0 then return { 0, of, left, owner } end
local time = redis.call('TIME')
local next = time[1] * 1000 + math.floor(time[2] / 1000)
for _, key in ipairs(KEYS) do
  local known = fence(text(key)) or 0
  -- No fence is higher than this one: nobody could ever write again.
  if known == 9007199254740991 then redis.call('DEL', key) else next = math.max(next, known + 1) end
end
local granted = string.format('%.0f', next)
redis.call('SET', KEYS[3], granted, 'PX', ${fenceLife})
redis.call('SET', KEYS[2], granted .. ' ' .. ARGV[2] .. ' ' .. ARGV[1], 'PX', ARGV[3])
return { 1, granted }
`)

/** KEYS: lease. ARGV: request, channel. Gives back what that request was granted, and nothing else. */
export const release = script(`
if string.match(text(KEYS[1]), '^%d+ (%S+) ') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], 'released')
return 1
`)
