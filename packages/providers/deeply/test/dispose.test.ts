import type { ServerResponse } from "node:http"
import { createDeeply, Deeply } from "@tokenkeep/deeply"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Context from "effect/Context"
import * as Scope from "effect/Scope"
import { describe, expect, it } from "vitest"
import { clientOf, eventually, fakeServer, rejection } from "./support/clients.ts"
import { runProgram } from "./support/runProgram.ts"
import { rawApi } from "./support/servers.ts"

const events = "/api/v1/events?size=1"
const disposed = { name: "TokenkeepError", code: "DISPOSED" }

describe("RUN-2: dispose", () => {
  it("RUN-2: dispose rejects waiting callers at once, and lets a pending token request finish", async () => {
    const server = await fakeServer({ tokenRequestLatency: 150 })
    const deeply = clientOf(server)
    const waiting = [deeply.token(), deeply.token(), deeply.fetch(events)].map(rejection)
    await eventually(() => server.stats.tokenRequests).toBe(1)
    let ended = false
    const ending = deeply.dispose().then(() => (ended = true))
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject(disposed)
    expect(ended).toBe(false)
    await ending
    expect(server.stats).toMatchObject({ tokenRequests: 1, byStatus: { 200: 1 }, requests: 0 })
  })

  it("RUN-2: dispose ends although the token request never gets a response", async () => {
    const server = await fakeServer()
    server.script([{ on: "token-request", hang: true }])
    const deeply = clientOf(server, { tokenRequest: { deadline: "58 seconds" } })
    const waiting = rejection(deeply.token())
    await eventually(() => server.stats.tokenRequests).toBe(1)
    await deeply.dispose()
    expect(await waiting).toMatchObject(disposed)
  })

  it("RUN-2: a response that was returned keeps streaming after dispose", async () => {
    let pending: ServerResponse | undefined
    const server = await rawApi((_, response) => {
      response.writeHead(200).write("before ")
      pending = response
    })
    const deeply = clientOf(server)
    const response = await deeply.fetch("/stream")
    await deeply.dispose()
    pending?.end("after")
    expect(await response.text()).toBe("before after")
  })

  it("RUN-2: after dispose every call rejects with DISPOSED and sends nothing", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    const { fetch } = deeply
    await fetch(events)
    await deeply.dispose()
    await deeply.dispose()
    const calls = [deeply.token(), fetch(events), deeply.fetchWith({ ownAuthorization: "replace" })(events)]
    for (const call of calls) expect(await rejection(call)).toMatchObject(disposed)
    expect(await rejection(deeply.fetchWith({ auth: false })(events))).toMatchObject(disposed)
    expect(await rejection(fetch(events, { headers: { authorization: "Bearer own" } }))).toMatchObject(disposed)
    expect(deeply.peek()).toBeUndefined()
    expect(deeply.status()).toMatchObject({ state: "disposed" })
    expect(server.stats.log).toHaveLength(2)
  })

  it("RUN-2: a client that was never used can be disposed", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    await deeply.dispose()
    expect(deeply.status().state).toBe("disposed")
    expect(await rejection(deeply.fetch(events))).toMatchObject(disposed)
    expect(server.stats.log).toEqual([])
  })

  it("RUN-2: `await using` disposes at the end of the block", async () => {
    const server = await fakeServer()
    let kept: ReturnType<typeof createDeeply>
    {
      await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
      await deeply.token()
      kept = deeply
    }
    expect(kept.status().state).toBe("disposed")
  })

  it("RUN-2: closing the scope of the layer fails waiting and later fibers", async () => {
    const server = await fakeServer({ tokenRequestLatency: 100 })
    const scope = Scope.makeUnsafe()
    const layer = Deeply.layerDefault({ apiKey: server.apiKey, host: server.host })
    const deeply = Context.get(await Effect.runPromise(Layer.buildWithScope(layer, scope)), Deeply)
    const waiting = Effect.runPromise(Effect.flip(deeply.request(events)))
    await eventually(() => server.stats.tokenRequests).toBe(1)
    await Effect.runPromise(Scope.close(scope, Exit.void))
    expect(await waiting).toMatchObject(disposed)
    expect(await Effect.runPromise(Effect.flip(deeply.request(events)))).toMatchObject(disposed)
    expect(server.stats).toMatchObject({ tokenRequests: 1, requests: 0 })
  })

  it("RUN-2: a client keeps no process alive, with and without dispose", async () => {
    const server = await fakeServer()
    const endings = [
      ["no", "fresh"],
      ["yes", "disposed"]
    ] as const
    await Promise.all(
      endings.map(async ([dispose, state]) => {
        const env = { DEEPLY_API_KEY: server.apiKey, DEEPLY_HOST: server.url, DISPOSE: dispose }
        const { code, stdout, stderr } = await runProgram(new URL("./fixtures/idle.ts", import.meta.url), env)
        expect([code, stdout, stderr]).toEqual([0, `200,200 ${state}\n`, ""])
      })
    )
    expect(server.stats.tokenRequests).toBe(2)
  })
})
