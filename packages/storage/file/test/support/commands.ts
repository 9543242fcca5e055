import type { LeaseTaken, StoredRecord } from "@tokenkeep/core"

interface LeaseInput {
  readonly name: string
  readonly owner: string
  readonly millis: number
}

/** The commands of a worker process. */
export interface Commands {
  readonly load: (input: { readonly name: string }) => Promise<StoredRecord | undefined>
  readonly save: (input: StoredRecord & { readonly name: string }) => Promise<boolean>
  readonly remove: (input: { readonly name: string }) => Promise<void>
  readonly acquireLease: (input: LeaseInput) => Promise<LeaseTaken | { readonly _tag: "Lease"; readonly fence: number }>
  /** Releases the last lease of a name that this worker acquired. */
  readonly release: (input: { readonly name: string }) => Promise<void>
  /** Retries until it has the lease, creates and removes the marker file after `stay` milliseconds, and releases. */
  readonly takeTurn: (input: LeaseInput & { readonly marker: string; readonly stay: number }) => Promise<{
    /** Whether the marker file did not exist: no other worker had the lease. */
    readonly alone: boolean
    readonly fence: number
  }>
  /**
   * Adds one to the worker's number in a record that changes by comparison, `times` times. Appends a line to the log for
   * each change that the storage confirmed.
   */
  readonly increment: (input: {
    readonly name: string
    readonly id: string
    readonly times: number
    readonly log: string
  }) => Promise<void>
  /** Saves until a save is refused, with fences that grow by `step`. Returns how many saves succeeded. */
  readonly saveRepeatedly: (input: {
    readonly name: string
    readonly size: number
    readonly from: number
    readonly step: number
  }) => Promise<number>
}

export interface Request {
  readonly id: number
  readonly command: keyof Commands
  readonly input: unknown
}

export interface Reply {
  readonly id: number
  readonly output?: unknown
  /** The fields of the error that the command failed with. */
  readonly error?: unknown
}
