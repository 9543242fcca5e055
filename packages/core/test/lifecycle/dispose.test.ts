import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { tokenResponse } from "../support/scriptedTransport.ts"
import { testManager, type TestManagerOptions } from "../support/testManager.ts"
import { settled, until } from "../support/time.ts"

/** A caller that waits for something, as the options decide. */
const waiting = Effect.fnUntraced(function* (options: TestManagerOptions) {
  const test = yield* testManager(options)
  const caller = yield* Effect.forkChild(Effect.flip(test.manager.get))
  return { ...test, caller }
})

const sent = Effect.fnUntraced(function* (options: TestManagerOptions = { script: () => undefined }) {
  const test = yield* waiting(options)
  yield* until("the token request is sent", () => test.calls.length === 1)
  yield* settled
  return { ...test, call: test.calls[0]! }
})

describe("RUN-2: dispose", () => {
  it.effect("of an unused manager ends it", () =>
    Effect.gen(function* () {
      const { manager, dispose, calls, storage } = yield* testManager()
      yield* dispose
      assert.isTrue(manager.isDisposed())
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "DISPOSED")
      assert.strictEqual(calls.length + storage.operations.length, 0)
    })
  )

  it.effect("removes the token: get and peek return none, reject and a second dispose do nothing", () =>
    Effect.gen(function* () {
      const { manager, dispose, calls, types } = yield* testManager()
      const token = yield* manager.get
      yield* dispose
      yield* dispose
      assert.isUndefined(manager.peek())
      yield* manager.reject(token)
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "DISPOSED")
      assert.strictEqual(manager.status().state, "disposed")
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(types(), ["renewal-started", "issued"])
    })
  )

  it.effect("during a token request: callers fail at once, and the response may still arrive and be saved", () =>
    Effect.gen(function* () {
      const { caller, call, dispose, storage, manager } = yield* sent()
      const disposing = yield* Effect.forkChild(dispose)
      assert.strictEqual((yield* Fiber.join(caller)).code, "DISPOSED")
      yield* settled
      assert.isUndefined(disposing.pollUnsafe())
      assert.isFalse(call.init.signal?.aborted)
      call.respond(tokenResponse("token-1"))
      yield* Fiber.join(disposing)
      assert.include(storage.record().text, "token-1")
      assert.isUndefined(manager.peek())
    })
  )

  it.effect("during a token request without a response: it is aborted after 2 s", () =>
    Effect.gen(function* () {
      const { call, calls, dispose, storage } = yield* sent()
      const disposing = yield* Effect.forkChild(dispose)
      yield* settled
      yield* TestClock.adjust(1_999)
      yield* settled
      assert.isUndefined(disposing.pollUnsafe())
      assert.isFalse(call.init.signal?.aborted)
      yield* TestClock.adjust(1)
      yield* Fiber.join(disposing)
      assert.isTrue(call.init.signal?.aborted)
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(storage.operations, ["load"])
    })
  )

  it.effect("during a token request that fails: it is not retried", () =>
    Effect.gen(function* () {
      const { call, calls, dispose } = yield* sent()
      const disposing = yield* Effect.forkChild(dispose)
      yield* settled
      call.fail(new TypeError("fetch failed"))
      yield* Fiber.join(disposing)
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("while the response's body is read: it may be read to its end", () =>
    Effect.gen(function* () {
      let controller: ReadableStreamDefaultController<Uint8Array> | undefined
      const body = new ReadableStream<Uint8Array>({
        start: (given) => {
          controller = given
        }
      })
      const { dispose, storage } = yield* sent({ script: () => new Response(body) })
      const disposing = yield* Effect.forkChild(dispose)
      yield* settled
      assert.isUndefined(disposing.pollUnsafe())
      controller?.enqueue(new TextEncoder().encode('{"token":"token-1"}'))
      controller?.close()
      yield* Fiber.join(disposing)
      assert.include(storage.record().text, "token-1")
    })
  )

  it.effect("while the new token is saved: saving may finish", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const { promise, resolve } = Promise.withResolvers<boolean>()
      let saved = false
      storage.override({
        save: () =>
          Effect.map(
            Effect.promise(() => promise),
            (done) => {
              saved = true
              return done
            }
          )
      })
      const { manager, dispose } = yield* testManager({ storage })
      const caller = yield* Effect.forkChild(manager.get)
      yield* until("the token is being saved", () => storage.operations.includes("save"))
      assert.isDefined(manager.peek())
      const disposing = yield* Effect.forkChild(dispose)
      yield* settled
      assert.isUndefined(manager.peek())
      assert.strictEqual((yield* Effect.flip(Fiber.join(caller))).code, "DISPOSED")
      assert.isUndefined(disposing.pollUnsafe())
      resolve(true)
      yield* Fiber.join(disposing)
      assert.isTrue(saved)
    })
  )

  it.effect("before a retry: it ends at once, and there is no retry", () =>
    Effect.gen(function* () {
      const { caller, calls, dispose } = yield* sent({ script: () => new Response("", { status: 503 }) })
      yield* dispose
      assert.strictEqual((yield* Fiber.join(caller)).code, "DISPOSED")
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("while the key is read: it ends at once, and no request is sent when the key arrives", () =>
    Effect.gen(function* () {
      const { promise, resolve } = Promise.withResolvers<string>()
      const { caller, calls, dispose } = yield* waiting({ source: () => promise })
      yield* settled
      yield* dispose
      assert.strictEqual((yield* Fiber.join(caller)).code, "DISPOSED")
      resolve("sk-live-2f6c1d")
      yield* settled
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(calls, 0)
    })
  )

  it.effect("by the source of the key, before the renewal is known: no request is sent, in no renewal", () =>
    Effect.gen(function* () {
      let dispose: Effect.Effect<void> = Effect.void
      const source = () => {
        Effect.runSync(dispose)
        return "sk-live-2f6c1d"
      }
      for (const renewals of [0, 1]) {
        dispose = Effect.void
        const test = yield* testManager({ source })
        if (renewals > 0) yield* test.manager.reject(yield* test.manager.get)
        const before = test.storage.operations.length
        dispose = test.dispose
        assert.strictEqual((yield* Effect.flip(test.manager.get)).code, "DISPOSED")
        yield* TestClock.adjust("1 hour")
        yield* settled
        assert.lengthOf(test.calls, renewals)
        assert.lengthOf(test.storage.operations, before, "The storage is not used after that.")
      }
    })
  )

  it.effect("during a storage operation: it ends at once, and no request is sent", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage({ load: () => Effect.never })
      const { caller, calls, dispose, types } = yield* waiting({ storage })
      yield* until("the storage is called", () => storage.operations.length === 1)
      yield* dispose
      assert.strictEqual((yield* Fiber.join(caller)).code, "DISPOSED")
      yield* TestClock.adjust("1 hour")
      yield* settled
      assert.lengthOf(calls, 0)
      assert.deepStrictEqual(types(), ["renewal-started"])
    })
  )

  it.effect("during a storage operation after an earlier token request: it ends at once as well", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const { manager, dispose, calls } = yield* testManager({ storage })
      yield* manager.reject(yield* manager.get)
      storage.override({ load: () => Effect.never })
      const caller = yield* Effect.forkChild(Effect.flip(manager.get))
      yield* until("the storage is called", () => storage.operations.length === 3)
      yield* dispose
      assert.strictEqual((yield* Fiber.join(caller)).code, "DISPOSED")
      assert.lengthOf(calls, 1)
    })
  )
})
