import { timeOf } from "../ConsoleFeed.ts"
import type {
  ConnectionMessage,
  ConsoleMessage,
  Control,
  CountedInterval,
  Counts,
  CountsMessage,
  HistoryMessage,
  ProcessMessage,
  ShownToken,
  StateMessage
} from "../messages.ts"

/** What the page knows: the last state, and the changes since. */
export class Picture {
  title = ""
  window = 60_000
  interval = 1_000
  controls: ReadonlyArray<Control> = []
  readonly processes = new Map<string, ProcessMessage>()
  readonly connections = new Map<string, ConnectionMessage>()
  readonly tokens = new Map<string, ShownToken>()
  readonly intervals = new Map<number, CountedInterval>()
  totals: Counts = { tokenRequests: 0, served: 0, failed: 0 }
  perProcess: CountsMessage["processes"] = []
  history: Array<HistoryMessage> = []
  /** The time of the source when its last message arrived. */
  lastMessageAt = 0

  apply(message: ConsoleMessage): void {
    switch (message.type) {
      case "state":
        return this.#replace(message)
      case "controls":
        this.controls = message.controls
        return
      case "counts":
        return this.#count(message)
      case "connection":
        return this.#connect(message)
      case "process":
        this.processes.set(message.id, message)
        this.history.push(message)
        return
      default:
        this.history.push(message)
    }
  }

  /** Removes what happened more than two windows ago: tokens of the first window started in the second. */
  forget(now: number): void {
    const since = now - 2 * this.window
    this.history = this.history.filter((message) => timeOf(message) >= since)
    for (const at of this.intervals.keys()) if (at < since) this.intervals.delete(at)
  }

  #replace(state: StateMessage): void {
    this.title = state.title
    this.window = state.window
    this.interval = state.interval
    this.controls = state.controls
    for (const map of [this.processes, this.connections, this.tokens, this.intervals]) map.clear()
    for (const process of state.processes) this.processes.set(process.id, process)
    for (const token of state.tokens) this.tokens.set(token.id, token)
    for (const connection of state.connections) this.#connect(connection)
    this.#count(state.counts)
    this.history = [...state.history]
  }

  #connect(connection: ConnectionMessage): void {
    this.connections.set(connection.id, connection)
    if (connection.token !== undefined) this.tokens.set(connection.token.id, connection.token)
  }

  #count({ at, intervals, processes, totals }: CountsMessage): void {
    this.lastMessageAt = at
    this.totals = totals
    this.perProcess = processes
    for (const interval of intervals) this.intervals.set(interval.at, interval)
  }
}
