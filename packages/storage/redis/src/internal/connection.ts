/** Sends scripts, whichever client does it. */
export interface Commands {
  readonly evalSha: (sha: string, keys: ReadonlyArray<string>, args: ReadonlyArray<string>) => Promise<unknown>
  readonly eval: (source: string, keys: ReadonlyArray<string>, args: ReadonlyArray<string>) => Promise<unknown>
  /** Rejects when the connection is lost, where a client would rather ask again once it is back, whenever that is. */
  readonly untilLost?: <A>(answer: Promise<A>) => Promise<A>
}

/** What comes over a connection that is subscribed. */
export interface Messages {
  readonly message: (channel: string) => void
  /** Nothing will come over it any more. */
  readonly lost: () => void
}

/** A connection of its own for messages: a client that is subscribed can do nothing else. */
export interface Subscriber {
  readonly subscribe: (channel: string) => Promise<unknown>
  readonly unsubscribe: (channel: string) => Promise<unknown>
  readonly close: () => void
}

/** One way to reach Redis. */
export interface Connection {
  /** Waits until commands can be sent; rejects when the try to connect that is under way fails. Nothing queues. */
  readonly ready: () => Promise<Commands>
  readonly openSubscriber: (messages: Messages) => Promise<Subscriber>
  /** Ends what is this adapter's own. */
  readonly close: () => void
}
