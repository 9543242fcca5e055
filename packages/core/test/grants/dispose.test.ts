import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { StorageFailure } from "../../src/index.ts"
import { grantClient, storedGrant } from "../support/grantClient.ts"
import { refreshServer, responds } from "../support/refreshServer.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { until, whileTimePasses } from "../support/time.ts"

const diskFull = () => Effect.fail(new StorageFailure({ operation: "replace", detail: "disk full" }))

/** A storage whose writes of an intent wait, before or after they are durable, until the test ends them. */
const slowIntents = (when: "before" | "after") => {
  const storage = sharedStorage()
  const { promise, resolve } = Promise.withResolvers<void>()
  const { working } = storage.exclusive
  let writes = 0
  storage.exclusive.override({
    replace: (name, change) => {
      const written = working.replace(name, change)
      writes += 1
      // The first write puts the configured refresh token in place.
      if (writes !== 2) return written
      const waited = Effect.promise(() => promise)
      return when === "before"
        ? Effect.uninterruptible(Effect.andThen(waited, written))
        : Effect.tap(written, () => waited)
    }
  })
  return { storage, isWriting: () => writes === 2, finish: resolve }
}

describe("RUN-2: dispose before a refresh token is sent", () => {
  for (const when of ["before", "after"] as const) {
    it.effect(`undoes an intent that is being written, ${when} it is durable: the next client does not wait`, () =>
      Effect.gen(function* () {
        const server = refreshServer()
        const { finish, isWriting, storage } = slowIntents(when)
        const { dispose, manager } = yield* grantClient({ server, storage })
        const getting = yield* Effect.forkChild(Effect.flip(manager.get), { startImmediately: true })
        yield* until("the intent is being written", isWriting)
        const disposing = yield* Effect.forkChild(dispose, { startImmediately: true })
        assert.strictEqual((yield* Fiber.join(getting)).code, "DISPOSED")
        finish()
        yield* Fiber.join(disposing)
        const { interrupted, refreshToken, state } = storedGrant(storage)
        assert.deepStrictEqual([state, refreshToken, interrupted], ["ok", "refresh-0", undefined])
        assert.deepStrictEqual(server.received, [])
        const next = yield* grantClient({ server, storage })
        assert.strictEqual((yield* next.manager.get).reveal(), "token-1")
      })
    )
  }

  it.effect("undoes an intent whose request is being prepared", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const storage = sharedStorage()
      const provider = { discoverTokenOrigins: () => new Promise<never>(() => undefined) }
      const { dispose, manager } = yield* grantClient({ server, storage, provider })
      yield* Effect.forkChild(Effect.exit(manager.get), { startImmediately: true })
      yield* until("the intent is written", () => storedGrant(storage)["state"] === "exchanging")
      yield* dispose
      assert.strictEqual(storedGrant(storage)["state"], "ok")
      assert.deepStrictEqual(server.received, [])
    })
  )

  it.effect("does not wait for a rate limit", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      server.incidents.push(responds(() => new Response("", { status: 429, headers: { "retry-after": "3" } })))
      const storage = sharedStorage()
      const { dispose, manager } = yield* grantClient({ server, storage })
      yield* Effect.forkChild(Effect.exit(manager.get), { startImmediately: true })
      yield* until("the first response has arrived", () => manager.status().grant?.state === "exchanging")
      yield* until("it was received", () => server.received.length === 1)
      yield* dispose
      assert.strictEqual(storedGrant(storage)["state"], "ok")
      assert.lengthOf(server.received, 1)
    })
  )

  for (const [what, replace] of [
    ["does not respond", () => Effect.never],
    ["fails", diskFull]
  ] as const) {
    it.effect(`ends in time if the storage ${what}`, () =>
      Effect.gen(function* () {
        const server = refreshServer()
        const storage = sharedStorage()
        const provider = { discoverTokenOrigins: () => new Promise<never>(() => undefined) }
        const { dispose, manager } = yield* grantClient({ server, storage, provider })
        yield* Effect.forkChild(Effect.exit(manager.get), { startImmediately: true })
        yield* until("the intent is written", () => storedGrant(storage)["state"] === "exchanging")
        storage.exclusive.override({ replace })
        const before = yield* Clock.currentTimeMillis
        yield* whileTimePasses(dispose)
        assert.isBelow((yield* Clock.currentTimeMillis) - before, 4_000)
        assert.deepStrictEqual(server.received, [])
      })
    )
  }
})
