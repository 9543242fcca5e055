import type {
  ConnectionMessage,
  ConsoleMessage,
  Control,
  CountedInterval,
  Counts,
  HistoryMessage,
  ProcessMessage,
  ShownToken,
  StateMessage,
  TokenEventMessage
} from "./messages.ts"

/** Enough for a window with many events, and small enough to send at once. */
const longestHistory = 1_000

/** What a console shows, and how much of it. */
export interface ConsoleFeedOptions {
  readonly title: string
  /** Milliseconds of the past that the picture shows, such as a few lifetimes of a token. */
  readonly window: number
  /** Milliseconds that one bar of the charts counts. */
  readonly interval: number
  readonly controls?: ReadonlyArray<Control>
  /** The clock, in epoch milliseconds. */
  readonly now: () => number
}

const none: Counts = { tokenRequests: 0, served: 0, failed: 0 }

const sum = (counts: Counts, more: Partial<Counts>): Counts => ({
  tokenRequests: counts.tokenRequests + (more.tokenRequests ?? 0),
  served: counts.served + (more.served ?? 0),
  failed: counts.failed + (more.failed ?? 0)
})

/** When a message happened. */
export const timeOf = (message: HistoryMessage): number =>
  message.type === "token-event" ? message.event.at : message.at

/**
 * Collects what a fleet reports, gives each page the complete picture, and sends it the changes. It has no timer: call
 * `flush` about once a second.
 */
export const makeConsoleFeed = ({ interval, now, title, window, ...options }: ConsoleFeedOptions) => {
  const listeners = new Set<(message: ConsoleMessage) => void>()
  const processes = new Map<string, ProcessMessage>()
  const connections = new Map<string, ConnectionMessage>()
  const tokens = new Map<string, ShownToken>()
  const intervals = new Map<number, CountedInterval>()
  const served = new Map<string, { served: number; failed: number }>()
  const changed = new Set<number>()
  let totals = none
  let controls = options.controls ?? []
  let history: Array<HistoryMessage> = []

  const emit = (message: ConsoleMessage): void => listeners.forEach((listener) => listener(message))

  const forgetOld = (): void => {
    const since = now() - window
    history = history.filter((message) => timeOf(message) >= since).slice(-longestHistory)
    for (const at of intervals.keys()) if (at + interval < since) intervals.delete(at)
    const current = new Set([...connections.values()].map(({ token }) => token?.id))
    for (const [id, token] of tokens) {
      if ((token.expiresAt ?? token.issuedAt) < since && !current.has(id)) tokens.delete(id)
    }
  }

  const remember = (message: HistoryMessage): void => {
    history.push(message)
    emit(message)
  }

  const count = (more: Partial<Counts>): void => {
    const at = Math.floor(now() / interval) * interval
    intervals.set(at, { at, ...sum(intervals.get(at) ?? none, more) })
    changed.add(at)
    totals = sum(totals, more)
  }

  const countsWith = (some: Iterable<CountedInterval>) => ({
    type: "counts" as const,
    at: now(),
    totals,
    intervals: [...some],
    processes: [...served].map(([id, counts]) => ({ id, ...counts }))
  })

  return {
    process: (message: Omit<ProcessMessage, "type" | "at">): void => {
      const full = { type: "process", at: now(), ...message } as const
      processes.set(message.id, full)
      remember(full)
    },
    /** Reports a connection if it has changed. */
    connection: (message: Omit<ConnectionMessage, "type">): void => {
      const full = { type: "connection", ...message } as const
      if (JSON.stringify(connections.get(message.id)) === JSON.stringify(full)) return
      connections.set(message.id, full)
      if (message.token !== undefined) tokens.set(message.token.id, message.token)
      emit(full)
    },
    tokenEvent: (message: Omit<TokenEventMessage, "type">): void => remember({ type: "token-event", ...message }),
    note: (text: string): void => remember({ type: "note", at: now(), text }),
    /** Adds requests that a process has completed since the last call. */
    countRequests: (process: string, more: { readonly served: number; readonly failed: number }): void => {
      const before = served.get(process) ?? { served: 0, failed: 0 }
      served.set(process, { served: before.served + more.served, failed: before.failed + more.failed })
      count(more)
    },
    countTokenRequests: (tokenRequests: number): void => count({ tokenRequests }),
    setControls: (next: ReadonlyArray<Control>): void => {
      controls = next
      emit({ type: "controls", controls })
    },
    /** Sends the counts. */
    flush: (): void => {
      const message = countsWith([...changed].flatMap((at) => intervals.get(at) ?? []))
      changed.clear()
      forgetOld()
      emit(message)
    },
    /** The complete picture, which is the first message for a page. */
    state: (): StateMessage => {
      forgetOld()
      return {
        type: "state",
        at: now(),
        title,
        window,
        interval,
        controls,
        processes: [...processes.values()],
        connections: [...connections.values()],
        tokens: [...tokens.values()],
        counts: countsWith(intervals.values()),
        history
      }
    },
    /** Calls the listener with every change, until the function that it returns is called. */
    subscribe: (listener: (message: ConsoleMessage) => void): (() => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
  }
}

export type ConsoleFeed = ReturnType<typeof makeConsoleFeed>

/** The message as a server-sent event. */
export const formatMessage = (message: ConsoleMessage): string =>
  `event: ${message.type}\ndata: ${JSON.stringify(message)}\n\n`
