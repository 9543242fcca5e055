import * as Redacted from "effect/Redacted"

/** Whose exchange was interrupted, so that its result is unknown. */
interface Interrupted {
  readonly owner: string
  /** When it began, in epoch milliseconds. */
  readonly at: number
}

/** Repeats of an exchange whose result is unknown. */
interface Repeats {
  readonly times: number
  /** When the first exchange began, in epoch milliseconds. */
  readonly since: number
}

/** What is stored about one refresh token, which each use replaces. */
export interface GrantRecord {
  /** The random id of this write. */
  readonly version: string
  /** The random id of the grant: a new consent is another grant. */
  readonly grant: string
  /** How often its refresh token was replaced. */
  readonly generation: number
  readonly refreshToken: Redacted.Redacted
  /**
   * `exchanging`: a client is about to send the refresh token, or has sent it. `rejected`: the server refused it, without
   * doubt. `lost`: the server refused it after an interrupted exchange, whose result is lost.
   */
  readonly state: "ok" | "exchanging" | "rejected" | "lost"
  /** The client that wrote this. */
  readonly owner: string
  /** When, in epoch milliseconds. */
  readonly at: number
  /** How long an exchange may take, in milliseconds: before that, no other client may send the refresh token. */
  readonly millis: number
  /** The first exchange of this grant that another client had to take over. */
  readonly interrupted?: Interrupted | undefined
  /** The repeats of the current exchange, if there are any. */
  readonly repeats?: Repeats | undefined
  /** Digests of the configured refresh tokens that were seen: a restart must not put a used one back. */
  readonly seeds: ReadonlyArray<string>
  /** When the refresh token expires, in epoch milliseconds, if the server says so. */
  readonly expiresAt?: number | undefined
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (u: unknown): u is Fields => typeof u === "object" && u !== null && !Array.isArray(u)

const isNumber = (u: unknown): u is number => typeof u === "number" && Number.isFinite(u)

const isText = (u: unknown): u is string => typeof u === "string"

const states: ReadonlyArray<unknown> = ["ok", "exchanging", "rejected", "lost"] satisfies Array<GrantRecord["state"]>

const interruptedFrom = (u: unknown): Interrupted | undefined =>
  isFields(u) && isText(u["owner"]) && isNumber(u["at"]) ? { owner: u["owner"], at: u["at"] } : undefined

const repeatsFrom = (u: unknown): Repeats | undefined =>
  isFields(u) && isNumber(u["times"]) && isNumber(u["since"]) ? { times: u["times"], since: u["since"] } : undefined

/** A record as a string. It contains its own name, so that a copy under another name is refused. */
export const encodeGrant = (name: string, record: GrantRecord): string =>
  JSON.stringify({ ...record, version: undefined, name, refreshToken: Redacted.value(record.refreshToken) })

/** Reads a record of this name; `undefined` if it is not one. */
export const decodeGrant = (name: string, version: string, encoded: string): GrantRecord | undefined => {
  let fields: unknown
  try {
    fields = JSON.parse(encoded)
  } catch {
    return undefined
  }
  if (!isFields(fields) || fields["name"] !== name) return undefined
  const { at, expiresAt, generation, grant, interrupted, millis, owner, refreshToken, repeats, seeds, state } = fields
  if (!isText(grant) || !isText(refreshToken) || !isText(owner) || !states.includes(state)) return undefined
  if (!isNumber(generation) || !isNumber(at) || !isNumber(millis)) return undefined
  if (!Array.isArray(seeds) || !seeds.every(isText)) return undefined
  return {
    version,
    grant,
    generation,
    refreshToken: Redacted.make(refreshToken),
    state: state as GrantRecord["state"],
    owner,
    at,
    millis,
    interrupted: interruptedFrom(interrupted),
    repeats: repeatsFrom(repeats),
    seeds,
    expiresAt: isNumber(expiresAt) ? expiresAt : undefined
  }
}
