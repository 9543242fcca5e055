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

/** An API key with all characters that an encoder might change. */
export const sampleKey = "dk_9f2c/61d0+4b7e=83a5~canary"

/** A fake server that is closed after the test; without rate limits by default. */
export const fakeServer = async (options: StartFakeDeeplyOptions = {}): Promise<RunningFakeDeeply> => {
  const server = await startFakeDeeply({ rateLimits: false, ...options })
  onTestFinished(() => server.close())
  return server
}

interface Reachable {
  readonly url: string
  readonly apiKey: string
}

/** A client of the promise API that is disposed after the test. */
export const clientOf = (server: Reachable, options: CreateDeeplyOptions = {}): DeeplyClient => {
  const client = createDeeply({ apiKey: server.apiKey, host: server.url, ...options })
  onTestFinished(() => client.dispose())
  return client
}

/** Runs an effect with a new client of the Effect API. */
export const throughLayer = <A, E>(
  options: DeeplyOptions,
  use: (deeply: Deeply["Service"]) => Effect.Effect<A, E>
): Promise<A> => Effect.runPromise(Effect.provide(Deeply.use(use), Deeply.layerDefault(options)))

interface Api {
  readonly api: string
  /** Sends one request with a new client. */
  readonly send: (options: DeeplyOptions, input: RequestInfo | URL, init?: RequestInit) => Promise<Response>
}

/** Both APIs. */
export const apis: ReadonlyArray<Api> = [
  {
    api: "promise",
    send: async (options, input, init) => {
      await using client = createDeeply(options)
      return await client.fetch(input, init)
    }
  },
  { api: "Effect", send: (options, input, init) => throughLayer(options, (deeply) => deeply.request(input, init)) }
]

/** A transport that keeps a reference to each response: the platform cancels the body of a garbage-collected one. */
export const keepingResponses = (kept: Array<Response>) =>
  FetchTransport.layer({
    fetch: async (input, init) => {
      const response = await fetch(input, init)
      kept.push(response)
      return response
    }
  })

/** The reason of a rejected promise; throws if the promise was fulfilled. */
export const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`The promise was fulfilled with ${String(value)}, but should have been rejected`)
}

/** The error that a function throws; throws if the function returned. */
export const thrown = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error("The function returned, but should have thrown")
}

/** Expects something of a value that a server or another process changes later. */
export const eventually = <A>(read: () => A) => expect.poll(read, { interval: 5 })
