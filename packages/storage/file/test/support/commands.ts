import type { Held, StoredText } from "@tokenkeep/core"

interface Asking {
  readonly name: string
  readonly owner: string
  readonly millis: number
}

/** What a worker can be told to do. */
export interface Commands {
  readonly load: (input: { readonly name: string }) => Promise<StoredText | undefined>
  readonly save: (input: StoredText & { readonly name: string }) => Promise<boolean>
  readonly remove: (input: { readonly name: string }) => Promise<void>
  readonly exclusive: (input: Asking) => Promise<Held | { readonly _tag: "Lease"; readonly fence: number }>
  /** Releases the lease of a name that this worker got last. */
  readonly release: (input: { readonly name: string }) => Promise<void>
  /** Asks until it has the lease, looks whether it is alone, stays for some milliseconds and releases. */
  readonly takeTurn: (
    input: Asking & { readonly inside: string; readonly stay: number }
  ) => Promise<{ readonly alone: boolean; readonly fence: number }>
  /**
   * Saves one text after the other, each with a fence that is so much higher, until a save is refused; answers how many
   * were not.
   */
  readonly writeOn: (input: {
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
  /** The fields of what it failed with. */
  readonly fault?: unknown
}
