import { type AccessToken, type TokenEvent, TokenManager, type TokenStatus } from "@tokenkeep/core"
import { createDeeply, Deeply, type DeeplyOptions } from "@tokenkeep/deeply"
import type { RunningFakeDeeply } from "@tokenkeep/deeply/testing"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { onTestFinished, vi } from "vitest"

/** A client that is disposed after the test, with the same methods for both APIs. */
interface LongLivedClient {
  readonly send: (input: string, init?: RequestInit) => Promise<Response>
  readonly token: () => Promise<AccessToken>
  readonly status: () => Promise<TokenStatus>
  readonly retryKey: () => Promise<void>
  readonly events: ReadonlyArray<TokenEvent>
  /** The events of one type, in order. */
  readonly eventsOf: <T extends TokenEvent["type"]>(type: T) => ReadonlyArray<Extract<TokenEvent, { readonly type: T }>>
}

type WithoutEvents = Omit<LongLivedClient, "events" | "eventsOf">

const promised = (options: DeeplyOptions): WithoutEvents => {
  const client = createDeeply(options)
  onTestFinished(() => client.dispose())
  return {
    send: client.fetch,
    token: client.token,
    status: async () => client.status(),
    retryKey: async () => client.retryKey()
  }
}

const effectful = (options: DeeplyOptions): WithoutEvents => {
  const runtime = ManagedRuntime.make(Deeply.layerDefault(options))
  onTestFinished(() => runtime.dispose())
  const read = <A>(of: (manager: TokenManager["Service"]) => A) =>
    runtime.runPromise(TokenManager.use((manager) => Effect.sync(() => of(manager))))
  return {
    send: (input, init) => runtime.runPromise(Deeply.use((deeply) => deeply.request(input, init))),
    token: () => runtime.runPromise(TokenManager.use(({ get }) => get)),
    status: () => read(({ status }) => status()),
    retryKey: () => read(({ retryKey }) => retryKey())
  }
}

const recordingEvents =
  (create: (options: DeeplyOptions) => WithoutEvents) =>
  ({ apiKey, host }: Pick<RunningFakeDeeply, "apiKey" | "host">, options: DeeplyOptions = {}): LongLivedClient => {
    const events: Array<TokenEvent> = []
    const onTokenEvent = (event: TokenEvent) => void events.push(event)
    const eventsOf = <T extends TokenEvent["type"]>(type: T) =>
      events.filter((event): event is Extract<TokenEvent, { readonly type: T }> => event.type === type)
    return { ...create({ apiKey, host, ...options, onTokenEvent }), events, eventsOf }
  }

/** Both APIs. */
export const longLivedClients: ReadonlyArray<{
  readonly api: string
  /** Opens a client of a server, with the server's key unless the options have one. */
  readonly open: ReturnType<typeof recordingEvents>
}> = [
  { api: "promise", open: recordingEvents(promised) },
  { api: "Effect", open: recordingEvents(effectful) }
]

/**
 * Moves the wall clock of this process, for clients and servers, and does not fire timers. A client observes the same when
 * the machine sleeps.
 */
export const passTime = (millis: number): void => {
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ["Date"] })
  vi.setSystemTime(Date.now() + millis)
}
