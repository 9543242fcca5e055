/** Runs scripts through a client of either library. */
export interface Scripts {
  readonly evalSha: (sha: string, keys: ReadonlyArray<string>, args: ReadonlyArray<string>) => Promise<unknown>
  readonly eval: (source: string, keys: ReadonlyArray<string>, args: ReadonlyArray<string>) => Promise<unknown>
}

/** The commands of one connection. */
export interface Commands extends Scripts {
  /** Must be called if a caller stops waiting for a response. If none arrives, the next caller gets another connection. */
  readonly abandoned: () => void
  /** Rejects when the connection is lost, for clients that would keep the command and send it again later. */
  readonly untilLost?: <A>(response: Promise<A>) => Promise<A>
}

/** The listeners of a subscribed connection. */
export interface Messages {
  readonly message: (channel: string) => void
  /** The connection has ended, and delivers no more messages. */
  readonly lost: () => void
}

/** A separate connection for messages, because a subscribed client cannot run commands. */
export interface Subscriber {
  readonly subscribe: (channel: string) => Promise<unknown>
  readonly unsubscribe: (channel: string) => Promise<unknown>
  readonly close: () => void
}

/** A connection for commands. */
export interface CommandConnection {
  /** Waits until commands can be sent. Rejects if the current attempt to connect fails. No command is queued. */
  readonly ready: () => Promise<Commands>
  /** Closes only the connections that the storage opened. */
  readonly close: () => void
}

/** Access to Redis through the storage's own client or the user's client. */
export interface Connection extends CommandConnection {
  readonly openSubscriber: (messages: Messages) => Promise<Subscriber>
}
