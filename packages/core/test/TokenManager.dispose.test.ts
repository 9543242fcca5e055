import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { scriptedStorage } from "./support/scriptedStorage.ts"
import { tokenResponse } from "./support/scriptedTransport.ts"
import { testManager, type TestManagerOptions } from "./support/testManager.ts"
import { settled, until } from "./support/turns.ts"

/** A caller that waits for whatever the options hold up. */
const waiting = Effect.fnUntraced(function* (options: TestManagerOptions) {
  const test = yield* testManager(options)
  const caller = yield* Effect.forkChild(Effect.flip(test.manager.get))
  return { ...test, caller }
})

const sent = Effect.fnUntraced(function* (options: TestManagerOptions = { script: () => undefined }) {
  const test = yield* waiting(options)
  yield* until("the call is sent", () => test.calls.length === 1)
  yield* settled
  return { ...test, call: test.calls[0]! }
})

describe("RUN-2: dispose", () => {
  it.effect("of a manager that was never used ends it", () =>
    Effect.gen(function* () {
      const { manager, dispose, calls, storage } = yield* testManager()
      yield* dispose
      assert.isTrue(manager.isDisposed())
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "DISPOSED")
      assert.strictEqual(calls.length + storage.asked.length, 0)
    })
  )

  it.effect("takes the token away: get and peek have none, reject and a second dispose do nothing", () =>
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

  it.effect("while an issue call is under way: callers hear at once, the call may come back and be saved", () =>
    Effect.gen(function* () {
      const { caller, call, dispose, storage, manager } = yield* sent()
      const disposing = yield* Effect.forkChild(dispose)
      assert.strictEqual((yield* Fiber.join(caller)).code, "DISPOSED")
      yield* settled
      assert.isUndefined(disposing.pollUnsafe())
      assert.isFalse(call.init.signal?.aborted)
      call.answer(tokenResponse("token-1"))
      yield* Fiber.join(disposing)
      assert.include(storage.record().text, "token-1")
      assert.isUndefined(manager.peek())
    })
  )

  it.effect("while an issue call is under way that does not come back: it is aborted after 2 s", () =>
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
      assert.deepStrictEqual(storage.asked, ["load"])
    })
  )

  it.effect("while an issue call is under way that fails: it is not tried again", () =>
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

  it.effect("while the answer's body is read: it may be read to its end", () =>
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

  it.effect("while the token that came back is saved: it may be saved", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const { promise, resolve } = Promise.withResolvers<boolean>()
      let saved = false
      storage.becomes({
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
      yield* until("the token is being saved", () => storage.asked.includes("save"))
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

  it.effect("while a try is waited for: it ends at once, and there is no other try", () =>
    Effect.gen(function* () {
      const { caller, calls, dispose } = yield* sent({ script: () => new Response("", { status: 503 }) })
      yield* dispose
      assert.strictEqual((yield* Fiber.join(caller)).code, "DISPOSED")
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("while the key's source is waited for: it ends at once, and no call is sent when the key comes", () =>
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

  it.effect("while the storage is waited for: it ends at once, and no call is sent", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage({ load: () => Effect.never })
      const { caller, calls, dispose, types } = yield* waiting({ storage })
      yield* until("the storage is asked", () => storage.asked.length === 1)
      yield* dispose
      assert.strictEqual((yield* Fiber.join(caller)).code, "DISPOSED")
      yield* TestClock.adjust("1 hour")
      yield* settled
      assert.lengthOf(calls, 0)
      assert.deepStrictEqual(types(), ["renewal-started"])
    })
  )

  it.effect("while the storage is waited for after an earlier issue call: it ends at once as well", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const { manager, dispose, calls } = yield* testManager({ storage })
      yield* manager.reject(yield* manager.get)
      storage.becomes({ load: () => Effect.never })
      const caller = yield* Effect.forkChild(Effect.flip(manager.get))
      yield* until("the storage is asked", () => storage.asked.length === 3)
      yield* dispose
      assert.strictEqual((yield* Fiber.join(caller)).code, "DISPOSED")
      assert.lengthOf(calls, 1)
    })
  )
})
