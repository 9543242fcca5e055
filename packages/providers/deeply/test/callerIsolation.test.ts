import { TokenManager, tokenkeepErrorOf } from "@tokenkeep/core"
import { Deeply } from "@tokenkeep/deeply"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { describe, expect, it } from "vitest"
import { clientOf, eventually, fakeServer, rejection } from "./support/clients.ts"

const events = "/api/v1/events?size=1"
const settle = <A>(promises: ReadonlyArray<Promise<A>>) =>
  Promise.all(promises.map((promise) => promise.catch((error: unknown) => error)))

describe("TOK-7: callers do not affect each other", () => {
  it("TOK-7: an abort of the first caller rejects only that caller, with its reason", async () => {
    const server = await fakeServer({ tokenRequestLatency: 50 })
    const deeply = clientOf(server)
    const abort = new AbortController()
    const reason = { why: "the user went away" }
    const first = rejection(deeply.token({ signal: abort.signal }))
    const others = [deeply.token(), deeply.fetch(events)] as const
    await eventually(() => server.stats.tokenRequests).toBe(1)
    abort.abort(reason)
    expect(await first).toBe(reason)
    expect((await others[0]).id).toBe(deeply.peek()?.id)
    expect((await others[1]).status).toBe(200)
    expect(server.stats.tokenRequests).toBe(1)
  })

  it("TOK-7: if all callers abort, the token request continues and its token is used", async () => {
    const server = await fakeServer({ tokenRequestLatency: 50 })
    const deeply = clientOf(server)
    const abort = new AbortController()
    const { signal } = abort
    const callers = settle<unknown>([
      deeply.token({ signal }),
      deeply.fetch(events, { signal }),
      deeply.token({ signal })
    ])
    await eventually(() => server.stats.tokenRequests).toBe(1)
    abort.abort("left")
    expect(await callers).toEqual(["left", "left", "left"])
    await eventually(() => deeply.peek()).toBeDefined()
    expect((await deeply.fetch(events)).status).toBe(200)
    expect(server.stats).toMatchObject({ tokenRequests: 1, requests: 1, byStatus: { 200: 2 } })
  })

  it("TOK-7: a timeout rejects only its caller, with a TimeoutError", async () => {
    const server = await fakeServer({ tokenRequestLatency: 60 })
    const deeply = clientOf(server)
    const impatient = rejection(deeply.fetch(events, { signal: AbortSignal.timeout(10) }))
    const patient = deeply.fetch(events)
    expect(await impatient).toMatchObject({ name: "TimeoutError" })
    expect((await patient).status).toBe(200)
    expect(server.stats.tokenRequests).toBe(1)
  })

  it("TOK-7: an aborted replay does not stop the renewal that others wait for", async () => {
    const server = await fakeServer({ tokenRequestLatency: 40 })
    const deeply = clientOf(server)
    await deeply.token()
    server.expireTokens()
    const abort = new AbortController()
    const leaving = rejection(deeply.fetch(events, { signal: abort.signal }))
    const staying = deeply.fetch(events)
    await eventually(() => server.stats.tokenRequests).toBe(2)
    abort.abort("left")
    expect(await leaving).toBe("left")
    expect((await staying).status).toBe(200)
    expect(server.stats.tokenRequests).toBe(2)
  })

  it("TOK-7: interrupting one or all fibers does not cancel the token request", async () => {
    const server = await fakeServer({ tokenRequestLatency: 50 })
    const program = Effect.gen(function* () {
      const { get, peek } = yield* TokenManager
      const first = yield* Effect.forkChild(get, { startImmediately: true })
      const second = yield* Effect.forkChild(get, { startImmediately: true })
      yield* Effect.promise(() => eventually(() => server.stats.tokenRequests).toBe(1))
      yield* Fiber.interrupt(first)
      yield* Fiber.interrupt(second)
      yield* Effect.promise(() => eventually(() => peek()).toBeDefined())
      return yield* get
    })
    const layer = Deeply.layerDefault({ apiKey: server.apiKey, host: server.host })
    await Effect.runPromise(Effect.provide(program, layer))
    expect(server.stats).toMatchObject({ tokenRequests: 1, byStatus: { 200: 1 } })
  })

  it("TOK-7: a failure rejects all waiting callers, and the next call tries again", async () => {
    const server = await fakeServer({ tokenRequestLatency: 20 })
    const deeply = clientOf(server)
    server.script([{ on: "token-request", status: 200, body: "<html>Log in</html>" }])
    const failures = await settle(Array.from({ length: 20 }, () => deeply.token()))
    expect(failures.map((failure) => tokenkeepErrorOf(failure)?.code)).toEqual(
      Array.from({ length: 20 }, () => "TOKEN_RESPONSE_INVALID")
    )
    expect(server.stats.tokenRequests).toBe(1)
    expect(deeply.status()).toMatchObject({ state: "empty", lastError: { code: "TOKEN_RESPONSE_INVALID" } })
    expect((await deeply.fetch(events)).status).toBe(200)
    expect(server.stats.tokenRequests).toBe(2)
    expect(deeply.status()).not.toHaveProperty("lastError")
  })

  it("TOK-7: a token request that fails after all callers aborted causes no unhandled rejection, and the next call tries again", async () => {
    const server = await fakeServer({ tokenRequestLatency: 30 })
    const deeply = clientOf(server)
    server.script([{ on: "token-request", status: 200, body: "nonsense" }])
    const abort = new AbortController()
    const caller = rejection(deeply.token({ signal: abort.signal }))
    await eventually(() => server.stats.tokenRequests).toBe(1)
    abort.abort("left")
    expect(await caller).toBe("left")
    await eventually(() => deeply.status().lastError?.code).toBe("TOKEN_RESPONSE_INVALID")
    expect((await deeply.fetch(events)).status).toBe(200)
    expect(server.stats.tokenRequests).toBe(2)
  })

  it("TOK-7: a signal that is already aborted rejects before anything is sent", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    const signal = AbortSignal.abort("never mind")
    expect(await rejection(deeply.token({ signal }))).toBe("never mind")
    expect(await rejection(deeply.fetch(events, { signal }))).toBe("never mind")
    expect(await rejection(deeply.fetch(new Request(`${server.url}${events}`, { signal })))).toBe("never mind")
    expect(server.stats.log).toEqual([])
  })
})
