import type { Configuration } from "./Configuration.ts"

/** A refresh token as the server knows it. Tokens are numbers in the order in which the server issued them. */
interface ServerToken {
  readonly grant: number
  /** `grace`: used, but the server still accepts it. */
  readonly state: "live" | "grace" | "spent"
  readonly successor: number
  /** How many leases have ended since its use. */
  readonly leases: number
}

/** Rule 1: what the storage holds for a grant. An access token has the number of the refresh token that came with it. */
export interface GrantRecord {
  readonly grant: number
  readonly generation: number
  readonly token: number
  readonly state: "ok" | "exchanging" | "rejected" | "lost"
  /** Every write has its own. */
  readonly attempt: number
  /** The fence of the lease under which the intent was written. */
  readonly owner: number
  readonly takenOver: boolean
}

/** A refresh token that a process received and has not saved. */
export interface Successor {
  readonly grant: number
  /** The generation that it replaces, and its own. */
  readonly replaces: number
  readonly generation: number
  readonly token: number
  /** The attempt that its save compares with. */
  readonly expects: number
  readonly takenOver: boolean
}

export interface Request {
  readonly token: number
  readonly fence: number
  /** Sent after `until`, so that nothing says when it has arrived. */
  readonly late: boolean
}

/** `answer`: the successor, or one of the three refusals. */
export interface Message extends Request {
  readonly kind: "request" | "response"
  readonly answer: number
}

export const invalidGrant = -2
export const otherRefusal = -3
export const tooManyRequests = -4

export const places = [
  "idle",
  "acquiring",
  "loading",
  "intending",
  "checking",
  "sending",
  "waiting",
  "saving",
  "refused",
  "judging",
  "restoring",
  "reporting",
  "dead"
] as const

export interface Process {
  /** What it does next. */
  place: (typeof places)[number]
  /** Its last lease, and whether it still works under it. */
  fence: number
  leased: boolean
  /** The record that its next write is based on. */
  read: GrantRecord | undefined
  /** The attempt of its intent. */
  intent: number
  successor: Successor | undefined
  message: Message | undefined
  /** The access token that it uses, or −1. */
  accessToken: number
  /** The verdict that it reports to its callers. */
  reported: Pick<GrantRecord, "grant" | "state"> | undefined
  /** Rule 21: the newest successor that it saved or saw. */
  remembers: Pick<GrantRecord, "grant" | "generation" | "token"> | undefined
  /** A token that the server refused, for the wrong variant that sends it again. */
  refusedToken: number
  restarts: number
}

export interface World {
  tokens: Array<ServerToken>
  /** Per grant. */
  revoked: Array<"no" | "by reuse" | "by the user">
  /** One, or one per process without rule 3. */
  records: Array<GrantRecord>
  /** What the first record was before the last write, for storages that forget. */
  previous: GrantRecord | undefined
  attempts: number
  /** The highest fence, and the lease that the storage knows, or 0. */
  fences: number
  lease: number
  /** Leases whose time is not over, also if they were released or the storage forgot them. */
  running: Array<number>
  processes: Array<Process>
  /** Requests without a process that waits for the response. */
  stray: Array<Request>
  /** Access tokens up to this one have expired. */
  expired: number
  rotationsLeft: number
  faultsLeft: number
  replacementsLeft: number
  revocationsLeft: number
  /** The faults since the grant began, and whether it is lost. */
  faults: ReadonlyArray<string>
  lost: boolean
}

export const newProcess = (): Process => ({
  place: "idle",
  fence: 0,
  leased: false,
  read: undefined,
  intent: 0,
  successor: undefined,
  message: undefined,
  accessToken: -1,
  reported: undefined,
  remembers: undefined,
  refusedToken: -1,
  restarts: 0
})

export const firstRecord: GrantRecord = {
  grant: 0,
  generation: 0,
  token: 0,
  state: "ok",
  attempt: 0,
  owner: 0,
  takenOver: false
}

export const firstWorld = ({ processes, rules, ...budget }: Configuration): World => ({
  tokens: [{ grant: 0, state: "live", successor: -1, leases: 0 }],
  revoked: ["no"],
  records: Array.from({ length: rules.oneRecord ? 1 : processes }, () => firstRecord),
  previous: undefined,
  attempts: 0,
  fences: 0,
  lease: 0,
  running: [],
  processes: Array.from({ length: processes }, newProcess),
  stray: [],
  expired: 0,
  rotationsLeft: budget.rotations - 1,
  faultsLeft: budget.faults,
  replacementsLeft: budget.replacements,
  revocationsLeft: budget.revocations,
  faults: [],
  lost: false
})

/** A copy that a step may change. Everything else in a world is replaced, never changed. */
export const copyWorld = (world: World): World => ({
  ...world,
  tokens: world.tokens.slice(),
  revoked: world.revoked.slice(),
  records: world.records.slice(),
  running: world.running.slice(),
  processes: world.processes.map((process) => ({ ...process })),
  stray: world.stray.slice()
})
