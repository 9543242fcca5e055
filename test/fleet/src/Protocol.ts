import type { TokenEvent, TokenStatus } from "@tokenkeep/core"

/** The options that every process of a fleet starts with. */
export interface ProcessOptions {
  /** `file:/directory` or `redis://host:port`. */
  readonly storageUrl: string
  /** Requests at a time, of each client. */
  readonly callers: number
  /** Deadline of a token request in milliseconds. A lease lasts 2 s longer. */
  readonly deadline: number
  /** If set, each caller sends requests until the fleet stops, with about this pause between two, in milliseconds. */
  readonly pause?: number
}

/** The options of a process that shares a Deeply API key. */
export interface MemberOptions extends ProcessOptions {
  readonly apiKey: string
  /** File with the API key, which is read for each renewal; replaces `apiKey`. */
  readonly apiKeyFile?: string
  readonly host: string
  /** The step of its first renewal at which the process kills itself. */
  readonly crashAt?: CrashStep
}

/** The options of a process that shares refresh tokens, with a client for each. */
export interface GrantMemberOptions extends ProcessOptions {
  readonly issuer: string
  readonly api: string
  readonly clientSecret: string
  readonly encryptionKey: string
  /** The ids of the grants, with the refresh tokens that the process is configured with. */
  readonly grants: Readonly<Record<string, string>>
  /** The server's grace period, in milliseconds. */
  readonly grace?: number
  /** File to which the process appends what happens to each refresh token: {@link JournalEntry}, one a line. */
  readonly journal: string
}

/** What a process has done with a refresh token, as it recorded it. */
export interface JournalEntry {
  /** Right before it is sent, right after its response arrived, or right after its successor was stored. */
  readonly step: "sent" | "received" | "stored"
  /** The digest of the refresh token. */
  readonly token: string
  readonly grant: string
  readonly process: number
  /** Epoch milliseconds. */
  readonly at: number
}

/** What the fleet adds to the options of one process. */
export interface MemberIdentity {
  readonly id: number
  /** File to which the process appends each failed request, one JSON object a line. */
  readonly failureLog: string
}

/** The steps of a renewal at which its owner can crash. */
export const crashSteps = [
  "under the lease, before the token request",
  "during the token request",
  "after the response, before the save",
  "during the save",
  "after the save, before the release"
] as const

export type CrashStep = (typeof crashSteps)[number]

/** A request that failed, as the process recorded it. */
export interface Failure {
  /** Epoch milliseconds. */
  readonly at: number
  readonly process: number
  /** The name of the client, in a process that has several. */
  readonly client?: string | undefined
  /** The code of the error, or the HTTP status. */
  readonly code: string
  readonly message: string
  /** The errors below it, outermost first. */
  readonly causes: ReadonlyArray<string>
  /** Milliseconds from the call to the failure, without the time that the process was frozen. */
  readonly waitedMillis: number
}

/** What a process reports ten times a second. */
export interface Progress {
  readonly requests: number
  /** How many of them failed. */
  readonly failed: number
  readonly longestWaitMillis: number
  readonly lease: "none" | "held" | "waiting"
  /** The state of its client, or of the first one. */
  readonly status: TokenStatus | undefined
}

/** What a process sends to the fleet. */
export type MemberMessage =
  | { readonly type: "ready" }
  | { readonly type: "event"; readonly event: TokenEvent; readonly client?: string | undefined }
  | { readonly type: "sending" }
  | ({ readonly type: "progress" } & Progress)
  | { readonly type: "round-done" }
  | { readonly type: "stopped" }

/** What the fleet sends to a process: each caller sends one request, or all callers finish and the process ends. */
export type Command = "round" | "stop"
