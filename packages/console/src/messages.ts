import type { TokenEvent, TokenkeepErrorCode } from "@tokenkeep/core"

// Every time is in epoch milliseconds, by the clock of the source. No message contains a secret.

/** One process of the fleet: a lane of the picture. A process that is restarted keeps its `id`. */
export interface ProcessMessage {
  readonly type: "process"
  /** When it got into this state. */
  readonly at: number
  readonly id: string
  readonly name: string
  readonly state: "running" | "frozen" | "stopped"
}

/** A token, without its secret. */
export interface ShownToken {
  readonly id: string
  readonly issuedAt: number
  /** Absent while the lifetime is unknown. */
  readonly expiresAt?: number
}

/** A client in a process, as it is now: a row of the table. Each message replaces the one with the same `id`. */
export interface ConnectionMessage {
  readonly type: "connection"
  readonly id: string
  /** The `id` of its process. */
  readonly process: string
  readonly name: string
  /** `"degraded"`: usable, but the storage fails. `"failing"`: there is no usable token, as with a rejected key. */
  readonly state: "usable" | "renewing" | "degraded" | "failing" | "none"
  readonly token?: ShownToken
  readonly nextRenewalAt?: number
  readonly lastError?: { readonly at: number; readonly code: TokenkeepErrorCode; readonly advice: string }
  /** Whether it owns the lease, the right to renew, or waits for its owner. Default `"none"`. */
  readonly lease?: "none" | "held" | "waiting"
}

/** What happened to the token of a connection. */
export interface TokenEventMessage {
  readonly type: "token-event"
  /** The `id` of the process. */
  readonly process: string
  /** The `id` of the connection. */
  readonly connection: string
  readonly event: TokenEvent
}

/** Something else that happened, in a few words, such as "Redis stopped". */
export interface NoteMessage {
  readonly type: "note"
  readonly at: number
  readonly text: string
}

/** Requests. A request that failed is not served. */
export interface Counts {
  readonly tokenRequests: number
  readonly served: number
  readonly failed: number
}

/** The requests of one interval. */
export interface CountedInterval extends Counts {
  /** Its start. */
  readonly at: number
}

/** Sent at most once a second, and at least every 15 seconds, so that a page notices a source that hangs. */
export interface CountsMessage {
  readonly type: "counts"
  readonly at: number
  readonly totals: Counts
  /** The intervals that have changed since the last message, complete: each replaces the one with the same `at`. */
  readonly intervals: ReadonlyArray<CountedInterval>
  /** The totals of each process. */
  readonly processes: ReadonlyArray<{ readonly id: string; readonly served: number; readonly failed: number }>
}

/** A button of the page. Pressing it sends `POST controls/<name>`, relative to the page. */
export interface Control {
  readonly name: string
  readonly label: string
  /** What it does, in one sentence. */
  readonly hint: string
}

/** Replaces the buttons. */
export interface ControlsMessage {
  readonly type: "controls"
  readonly controls: ReadonlyArray<Control>
}

/** The complete picture: the first message of every connection. It replaces what the page shows. */
export interface StateMessage {
  readonly type: "state"
  readonly at: number
  /** What the console shows, such as "6 processes, one API key". */
  readonly title: string
  /** Milliseconds of the past that the picture shows. */
  readonly window: number
  /** Milliseconds that one bar of the charts counts. */
  readonly interval: number
  readonly controls: ReadonlyArray<Control>
  /** In the order of the lanes. */
  readonly processes: ReadonlyArray<ProcessMessage>
  readonly connections: ReadonlyArray<ConnectionMessage>
  /** The tokens that the window shows. */
  readonly tokens: ReadonlyArray<ShownToken>
  readonly counts: CountsMessage
  /** What happened in the window, oldest first. */
  readonly history: ReadonlyArray<HistoryMessage>
}

/** The messages that the picture shows as marks. */
export type HistoryMessage = TokenEventMessage | ProcessMessage | NoteMessage

/** A server-sent event: its `type` is the name of the event, and the whole message is its data, as JSON. */
export type ConsoleMessage = StateMessage | HistoryMessage | ConnectionMessage | CountsMessage | ControlsMessage
