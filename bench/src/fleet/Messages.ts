import type { TokenEvent } from "@tokenkeep/core"

/** What a worker is started with. */
export interface Job {
  readonly place: string
  readonly apiKey: string
  readonly url: string
  /** Requests at a time. */
  readonly callers: number
  /** The issue deadline in milliseconds; a lease lasts 2 s longer. */
  readonly deadline: number
  /** Where in its first renewal it kills itself. */
  readonly diesAt?: Step
}

/** The steps of a renewal at which its owner can die. */
export const steps = [
  "under the lease, before the issue call",
  "during the issue call",
  "after the answer, before the save",
  "during the save",
  "after the save, before the release"
] as const

export type Step = (typeof steps)[number]

/** What a fleet tells its workers. */
export type Order =
  /** Each caller makes one request. */
  | { readonly do: "round"; readonly round: number }
  /** All callers make requests until they are told to stop. */
  | { readonly do: "keep busy" }
  | { readonly do: "stop" }

/** What requests came to. */
export interface Tally {
  readonly requests: number
  /** Why requests failed, and how often. */
  readonly failures: Readonly<Record<string, number>>
  readonly longestMillis: number
}

/** What a worker tells its fleet. */
export type Told =
  | { readonly told: "ready" }
  | { readonly told: "round"; readonly round: number; readonly tally: Tally }
  | { readonly told: "event"; readonly event: TokenEvent }
  | { readonly told: "stopped"; readonly tally: Tally }
