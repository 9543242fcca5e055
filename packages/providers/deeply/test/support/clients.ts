import {
  type CreateDeeplyOptions,
  createDeeply,
  Deeply,
  type DeeplyClient,
  type DeeplyOptions
} from "@tokenkeep/deeply"
import { type RunningFakeDeeply, startFakeDeeply, type StartFakeDeeplyOptions } from "@tokenkeep/deeply/testing"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import * as Effect from "effect/Effect"
import { expect, onTestFinished } from "vitest"

/** A key with everything a careless encoder would touch. */
export const sampleKey = "dk_9f2c/61d0+4b7e=83a5~canary"

/** A fake server that ends with the test; without rate limits, which are another theme. */
export const fakeServer = async (options: StartFakeDeeplyOptions = {}): Promise<RunningFakeDeeply> => {
  const server = await startFakeDeeply({ rateLimits: false, ...options })
  onTestFinished(() => server.close())
  return server
}

interface Reachable {
  readonly url: string
  readonly apiKey: string
}

/** A promise-door client of a server, which ends with the test. */
export const clientOf = (server: Reachable, options: CreateDeeplyOptions = {}): DeeplyClient => {
  const client = createDeeply({ apiKey: server.apiKey, host: server.url, ...options })
  onTestFinished(() => client.dispose())
  return client
}

/** Runs an effect through the Effect door, with a client of its own. */
export const throughLayer = <A, E>(
  options: DeeplyOptions,
  use: (deeply: Deeply["Service"]) => Effect.Effect<A, E>
): Promise<A> => Effect.runPromise(Effect.provide(Deeply.use(use), Deeply.layerDefault(options)))

interface Door {
  readonly door: string
  /** One request through a new client. */
  readonly send: (options: DeeplyOptions, input: RequestInfo | URL, init?: RequestInit) => Promise<Response>
}

/** The two ways in. */
export const doors: ReadonlyArray<Door> = [
  {
    door: "promise",
    send: async (options, input, init) => {
      await using client = createDeeply(options)
      return await client.fetch(input, init)
    }
  },
  { door: "Effect", send: (options, input, init) => throughLayer(options, (deeply) => deeply.request(input, init)) }
]

/** A transport that keeps each response: the platform would cancel the body of one that is garbage by itself. */
export const keepingResponses = (kept: Array<Response>) =>
  FetchTransport.layer({
    fetch: async (input, init) => {
      const response = await fetch(input, init)
      kept.push(response)
      return response
    }
  })

/** What a promise rejected with; fails the test when it did not. */
export const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`It did not reject, but gave ${String(value)}`)
}

/** What a function threw; fails the test when it did not. */
export const thrown = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error("It did not throw")
}

/** Expects something of a value that another process or a server changes in its own time. */
export const eventually = <A>(read: () => A) => expect.poll(read, { interval: 5, timeout: 30_000 })
