import { type AccessToken, type TokenEvent, TokenManager, type TokenStatus } from "@tokenkeep/core"
import { createDeeply, Deeply, type DeeplyOptions } from "@tokenkeep/deeply"
import type { RunningFakeDeeply } from "@tokenkeep/deeply/testing"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { onTestFinished, vi } from "vitest"

/** A client that lives as long as the test, whichever door it was made through. */
interface Session {
  readonly send: (input: string, init?: RequestInit) => Promise<Response>
  readonly token: () => Promise<AccessToken>
  readonly status: () => Promise<TokenStatus>
  readonly retryKey: () => Promise<void>
  readonly events: ReadonlyArray<TokenEvent>
  /** The events of one type, in order. */
  readonly told: <T extends TokenEvent["type"]>(type: T) => ReadonlyArray<Extract<TokenEvent, { readonly type: T }>>
}

type Through = Omit<Session, "events" | "told">

const promised = (options: DeeplyOptions): Through => {
  const client = createDeeply(options)
  onTestFinished(() => client.dispose())
  return {
    send: client.fetch,
    token: client.token,
    status: async () => client.status(),
    retryKey: async () => client.retryKey()
  }
}

const effectful = (options: DeeplyOptions): Through => {
  const runtime = ManagedRuntime.make(Deeply.layerDefault(options))
  onTestFinished(() => runtime.dispose())
  const asked = <A>(ask: (manager: TokenManager["Service"]) => A) =>
    runtime.runPromise(TokenManager.use((manager) => Effect.sync(() => ask(manager))))
  return {
    send: (input, init) => runtime.runPromise(Deeply.use((deeply) => deeply.request(input, init))),
    token: () => runtime.runPromise(TokenManager.use(({ get }) => get)),
    status: () => asked(({ status }) => status()),
    retryKey: () => asked(({ retryKey }) => retryKey())
  }
}

const sessionOf =
  (through: (options: DeeplyOptions) => Through) =>
  ({ apiKey, host }: Pick<RunningFakeDeeply, "apiKey" | "host">, options: DeeplyOptions = {}): Session => {
    const events: Array<TokenEvent> = []
    const onEvent = (event: TokenEvent) => void events.push(event)
    const told = <T extends TokenEvent["type"]>(type: T) =>
      events.filter((event): event is Extract<TokenEvent, { readonly type: T }> => event.type === type)
    return { ...through({ apiKey, host, ...options, onEvent }), events, told }
  }

/** The two ways in. */
export const sessions: ReadonlyArray<{
  readonly door: string
  /** A client of a server, with the server's key unless the options have another. */
  readonly open: ReturnType<typeof sessionOf>
}> = [
  { door: "promise", open: sessionOf(promised) },
  { door: "Effect", open: sessionOf(effectful) }
]

/**
 * Sets the wall clock of this process, client and server alike; timers go on as they are. To a client it is as if the
 * machine had slept.
 */
export const passTime = (millis: number): void => {
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ["Date"] })
  vi.setSystemTime(Date.now() + millis)
}
