import type { Rules } from "./Rules.ts"
import { allRules } from "./Rules.ts"

/**
 * What a server does with a refresh token that is used twice. `strict` revokes the grant, `lenient` only refuses. The others
 * accept it within a grace period: `same` returns the same successor, `siblings` another one that is live beside it, and
 * `last` another one that replaces it.
 */
type ServerKind = "strict" | "lenient" | "same" | "siblings" | "last"

export const faultKinds = [
  "crash",
  "freeze",
  "lease forgotten",
  "request lost",
  "response lost",
  "connection broken",
  "not connected",
  "other refusal",
  "too many requests",
  "load failed",
  "write failed",
  "write unacknowledged",
  "old record read",
  "write forgotten"
] as const

export type FaultKind = (typeof faultKinds)[number]

/** What a storage that keeps its acknowledged writes, a network and a process can do. */
const usualFaults: ReadonlyArray<FaultKind> = faultKinds.slice(0, 12)

const forgetfulKinds = new Set<FaultKind>(["old record read", "write forgotten"])

export interface Configuration {
  readonly server: ServerKind
  readonly processes: number
  /** How often the access token expires. */
  readonly rotations: number
  readonly faults: number
  readonly faultKinds: ReadonlyArray<FaultKind>
  /** How many leases the grace period outlasts; after that it may end at any time. */
  readonly graceLeases: number
  /** How often `replaceGrant` runs, and how often the user revokes the grant at the server. */
  readonly replacements: number
  readonly revocations: number
  /** How often a process that crashed starts again. */
  readonly restarts: number
  /** Rule 12: a process takes over only if it sees that the owner of the intent is no longer at work. */
  readonly ownersAreSeen: boolean
  /** Whether the storage may show an old record or forget a write. Only then does it matter what a process remembers. */
  readonly storageForgets: boolean
  readonly rules: Rules
}

export const configuration = (changes: Partial<Configuration>): Configuration => ({
  server: "strict",
  processes: 2,
  rotations: 1,
  faults: 1,
  faultKinds: usualFaults,
  graceLeases: Infinity,
  replacements: 0,
  revocations: 0,
  restarts: 0,
  ownersAreSeen: false,
  rules: allRules,
  ...changes,
  storageForgets: changes.faultKinds?.some((kind) => forgetfulKinds.has(kind)) ?? false
})
