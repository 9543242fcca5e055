import { FetchTransport } from "@tokenkeep/transport-fetch"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { clientOf, fakeServer, rejection } from "./support/clients.ts"

/** A transport that rejects the requests to `path` while `isBroken`, and counts them. */
const breaking = (path: string, error: unknown) => {
  const state = { isBroken: true, rejected: 0 }
  const transport = FetchTransport.layer({
    fetch: (url, init) => {
      if (!state.isBroken || !url.endsWith(path)) return fetch(url, init)
      state.rejected += 1
      return Promise.reject(error)
    }
  })
  return { state, transport }
}

const frameworkError = () => Object.assign(new Error("Dynamic server usage"), { digest: "DYNAMIC_SERVER_USAGE" })

describe("REQ-6: an error with which a framework controls rendering", () => {
  it("REQ-6: passes unchanged from the token request through every call, without a retry", async () => {
    const server = await fakeServer()
    const error = frameworkError()
    const { state, transport } = breaking("/reissue", error)
    const deeply = clientOf(server, { transport })
    const calls = [() => deeply.fetch("/api/v1/mics"), () => deeply.token(), () => deeply.mics.list()]
    for (const call of calls) expect(await rejection(call())).toBe(error)
    expect(state.rejected).toBe(calls.length)
    state.isBroken = false
    expect((await deeply.fetch("/api/v1/mics")).status).toBe(200)
  })

  it("REQ-6: passes unchanged from an API request", async () => {
    const server = await fakeServer()
    const error = frameworkError()
    const { transport } = breaking("/mics", error)
    const deeply = clientOf(server, { transport })
    expect(await rejection(deeply.fetch("/api/v1/mics"))).toBe(error)
    const typed = breaking("/api/v1/mics?page=1&size=10", error)
    expect(await rejection(clientOf(server, { transport: typed.transport }).mics.list())).toBe(error)
  })

  it.each([
    ["a function", (key: () => string) => key],
    ["an async function", (key: () => string) => async () => key()],
    ["an effect", (key: () => string) => Effect.sync(key)]
  ] as const)("REQ-6: passes unchanged from %s that returns the API key", async (_, sourceOf) => {
    const server = await fakeServer()
    const error = frameworkError()
    let isBroken = true
    const key = (): string => {
      if (isBroken) throw error
      return server.apiKey
    }
    const deeply = clientOf(server, { apiKey: sourceOf(key) })
    for (const call of [() => deeply.fetch("/api/v1/mics"), () => deeply.token(), () => deeply.mics.list()]) {
      expect(await rejection(call())).toBe(error)
    }
    isBroken = false
    expect((await deeply.fetch("/api/v1/mics")).status).toBe(200)
  })

  it.each([undefined, 5, null, { text: "x" }])("SEC-1: an error whose digest is %j is wrapped", async (digest) => {
    const server = await fakeServer()
    const secret = Object.assign(new Error(server.apiKey), { digest })
    const { state, transport } = breaking("/reissue", secret)
    const error = await rejection(clientOf(server, { transport, tokenRequest: { tries: 1 } }).fetch("/api/v1/mics"))
    expect(error).toMatchObject({ code: "ISSUER_UNAVAILABLE" })
    expect(String((error as Error).stack)).not.toContain(server.apiKey)
    expect(state.rejected).toBe(1)
  })
})
